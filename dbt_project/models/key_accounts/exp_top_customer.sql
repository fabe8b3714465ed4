-- One row per reporting cycle and customer on the national list of top customers: what its province reports of it, or
-- why there is nothing to report. Numbers that headquarters did not list are not in it; unknown ones are reported back.
with listed as (

    select
        *,
        {{ repeats_record(['cycle_code', 'customer_id']) }} as is_copy,
        cast(concat(substr(cycle_code, 1, 4), '-', substr(cycle_code, 5, 2), '-01') as date) as cycle_month
    from {{ ref('stg_crm__top_customer_list') }}

),

due as (

    select
        *,
        {{ add_days(add_months('cycle_month', 1), -1) }} as cycle_end_date
    from listed
    where not is_copy

),

customers as (

    select * from {{ ref('dim_customer') }}
    where customer_id <> '?'

),

large as (

    select * from {{ ref('fct_large_customer_month') }}

),

billed as (

    select distinct month_start_date from large

),

orgs as (

    select * from {{ ref('dim_org') }}

),

staff as (

    select * from {{ ref('dim_staff') }}

),

cycles as (

    select * from {{ ref('dim_report_cycle') }}
    where report_code = 'TOP_CUSTOMER'

)

select
    -- keys
    {{ surrogate_key(['due.cycle_code', 'due.customer_id']) }} as top_customer_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(cycles.report_cycle_key, {{ unknown_key() }}) as report_cycle_key,
    due.cycle_code,
    due.customer_id,
    coalesce(orgs.province_id, '?') as province_id,
    coalesce(orgs.org_id, '?') as local_network_id,

    -- attributes
    case
        when customers.customer_id is null then 'UNKNOWN'
        when billed.month_start_date is null then 'NOT_BILLED_YET'
        when large.customer_id is null then 'NOT_LARGE'
        else 'REPORTED'
    end as answer_code,
    customers.customer_type_code,
    large.service_grade_code,
    large.is_important,
    large.is_high_value,
    large.is_group,
    large.is_strategic,
    large.is_special,
    staff.staff_id as account_manager_staff_id,

    -- measures
    cast(due.rank_number as bigint) as rank_number,
    large.net_amt,
    large.arrears_amt,
    'CNY' as currency_code,
    large.subscription_count,
    large.circuit_count,
    large.contract_count,
    large.ticket_count,
    large.done_visit_count,

    -- times
    due.listed_on,
    due.cycle_month,
    due.file_date
from due
left join customers on due.customer_id = customers.customer_id and {{ valid_on('customers', 'due.cycle_end_date') }}
left join billed on due.cycle_month = billed.month_start_date
left join large on due.customer_id = large.customer_id and due.cycle_month = large.month_start_date
left join orgs on customers.org_id = orgs.org_id and {{ valid_on('orgs', 'due.cycle_end_date') }}
left join staff on large.account_manager_staff_key = staff.staff_key
left join cycles on due.cycle_code = cycles.cycle_code and orgs.province_id = cycles.org_id
