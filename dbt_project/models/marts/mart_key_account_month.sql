-- One row per large customer and month of the last thirteen: one customer on one page. What it pays, for what, and how
-- that changed; its circuits and what was promised of them, tickets, contracts about to end, visits due and done,
-- opportunities. Months in which no rule of large customers held are there too, so that the picture has no holes.
{% set service_quality = theme_is_on('service_quality') -%}
{{ config(alias='key_account_month', enabled=theme_is_on('key_accounts')) }}

with large as (

    select * from {{ ref('fct_large_customer_month') }}

),

services as (

    select * from {{ ref('feature_customer_service_month') }}

),

billed_months as (

    select
        as_of_month,
        {{ add_days(add_months('as_of_month', 1), -1) }} as as_of_date,
        row_number() over (order by as_of_month desc) as month_number
    from services
    group by as_of_month

),

months as (

    select
        as_of_month,
        as_of_date
    from billed_months
    where month_number <= 13

),

accounts as (

    select distinct large.customer_id
    from large
    inner join months on large.month_start_date = months.as_of_month
    where large.is_large

),

customers as (

    select * from {{ ref('dim_customer') }}

),

pages as (

    select
        customers.customer_key,
        customers.customer_id,
        customers.org_id,
        customers.service_grade_code,
        months.as_of_month,
        months.as_of_date
    from accounts
    cross join months
    inner join customers on accounts.customer_id = customers.customer_id
        and {{ valid_on('customers', 'months.as_of_date') }} and months.as_of_date >= customers.created_on

),

spend as (

    select
        customer_id,
        as_of_month,
        sum(revenue_amt) as revenue_amt,
        {%- for class in ['mobile', 'fixed', 'leased', 'vas'] %}
        sum(case when service_class_code = '{{ class }}' then revenue_amt else 0 end) as {{ class }}_amt,
        {%- endfor %}
        count(distinct service_class_code) as service_class_count
    from services
    group by customer_id, as_of_month

),

classes as (

    select distinct
        customer_id,
        service_class_code,
        as_of_month
    from services
    where revenue_amt > 0

),

added as (

    select
        classes.customer_id,
        classes.as_of_month,
        sum(case when earlier.customer_id is null then 1 else 0 end) as added_class_count
    from classes
    left join classes as earlier on classes.customer_id = earlier.customer_id
        and classes.service_class_code = earlier.service_class_code
        and {{ add_months('classes.as_of_month', -1) }} = earlier.as_of_month
    group by classes.customer_id, classes.as_of_month

),

dropped as (

    select
        classes.customer_id,
        {{ add_months('classes.as_of_month', 1) }} as as_of_month,
        sum(case when later.customer_id is null then 1 else 0 end) as dropped_class_count
    from classes
    left join classes as later on classes.customer_id = later.customer_id
        and classes.service_class_code = later.service_class_code
        and {{ add_months('classes.as_of_month', 1) }} = later.as_of_month
    group by classes.customer_id, {{ add_months('classes.as_of_month', 1) }}

),

circuits as (

    select
        customer_id,
        month_start_date,
        sum(case when is_closed then 0 else 1 end) as circuit_count,
        sum(case when is_opened then 1 else 0 end) as opened_circuit_count,
        sum(case when is_closed then 1 else 0 end) as closed_circuit_count,
        sum(measured_s) as measured_s,
        sum(up_s) as up_s,
        sum(case when is_target_met then 0 when is_target_met is null then 0 else 1 end) as missed_circuit_count,
        sum(credit_amt) as credit_amt
    from {{ ref('fct_circuit_month') }}
    group by customer_id, month_start_date

),

contracts as (

    select
        signed.customer_id,
        months.as_of_month,
        count(*) as contract_count,
        sum(case when signed.valid_to <= {{ add_days('months.as_of_date', 91) }} then 1 else 0 end)
            as contract_ending_count,
        min(signed.valid_to) as next_contract_end_on
    from {{ ref('fct_contract') }} as signed
    inner join months on signed.valid_from <= months.as_of_date
        and coalesce(signed.terminated_on, signed.valid_to) > months.as_of_date
    group by signed.customer_id, months.as_of_month

),

visits as (

    select
        customer_id,
        {{ month_of('due_on') }} as as_of_month,
        sum(case when is_due then 1 else 0 end) as due_visit_count,
        sum(case when is_done then 1 else 0 end) as done_visit_count
    from {{ ref('fct_visit') }}
    where visit_type_code = 'VISIT'
    group by customer_id, {{ month_of('due_on') }}

),

events as (

    select
        customer_id,
        {{ month_of('opened_date') }} as as_of_month,
        count(*) as service_event_count
    from {{ ref('fct_service_event') }}
    group by customer_id, {{ month_of('opened_date') }}

),

opportunities as (

    select
        chances.customer_id,
        months.as_of_month,
        sum(case when chances.closed_date is null or chances.closed_date > months.as_of_date then 1 else 0 end)
            as open_opportunity_count,
        sum(case
            when chances.closed_date is null or chances.closed_date > months.as_of_date
                then chances.weighted_value_amt else 0
        end) as open_opportunity_amt,
        sum(case when chances.is_won and chances.closed_date >= months.as_of_month
            and chances.closed_date <= months.as_of_date then chances.value_amt else 0 end) as won_opportunity_amt
    from {{ ref('fct_opportunity') }} as chances
    inner join months on chances.found_date <= months.as_of_date
    group by chances.customer_id, months.as_of_month

),

arrears as (

    select
        payers.customer_id,
        {{ month_of('balances.month_end') }} as as_of_month,
        sum(balances.arrears_amt) as arrears_amt
    from {{ ref('fct_arrears_snapshot') }} as balances
    inner join {{ ref('dim_account') }} as payers on balances.account_key = payers.account_key
    group by payers.customer_id, {{ month_of('balances.month_end') }}

),
{% if service_quality %}
tickets as (

    select
        known.customer_id,
        months.as_of_month,
        sum(case when tickets.opened_date >= months.as_of_month then 1 else 0 end) as ticket_count,
        sum(case
            when tickets.ended_date is null or tickets.ended_date > months.as_of_date then 1 else 0
        end) as open_ticket_count
    from {{ ref('fct_ticket') }} as tickets
    inner join customers as known on tickets.customer_key = known.customer_key
    inner join accounts on known.customer_id = accounts.customer_id
    inner join months on tickets.opened_date <= months.as_of_date
    group by known.customer_id, months.as_of_month

),
{% endif %}
managers as (

    select * from {{ ref('bridge_customer_staff') }}
    where role_code = 'ACCOUNT_MANAGER'

)

select
    -- keys
    {{ surrogate_key(['pages.customer_id', 'pages.as_of_month']) }} as key_account_month_key,
    pages.customer_id as entity_id,
    pages.customer_id,
    pages.customer_key,
    pages.org_id,
    large.group_id,
    coalesce(managers.staff_key, {{ unknown_key() }}) as account_manager_staff_key,

    -- rules
    'large customer x month' as grain,
    coalesce(large.is_large, false) as is_large,
    {%- for flag in ['important', 'high_value', 'group', 'strategic', 'special'] %}
    coalesce(large.is_{{ flag }}, false) as is_{{ flag }},
    {%- endfor %}
    coalesce(large.service_grade_code, pages.service_grade_code, '?') as service_grade_code,

    -- what it pays, and for what
    cast(coalesce(spend.revenue_amt, 0) as decimal(18, 2)) as revenue_amt,
    cast(coalesce(last_spend.revenue_amt, 0) as decimal(18, 2)) as last_month_revenue_amt,
    cast(coalesce(spend.revenue_amt, 0) - coalesce(last_spend.revenue_amt, 0) as decimal(18, 2)) as revenue_change_amt,
    {%- for class in ['mobile', 'fixed', 'leased', 'vas'] %}
    cast(coalesce(spend.{{ class }}_amt, 0) as decimal(18, 2)) as {{ class }}_amt,
    {%- endfor %}
    cast(coalesce(
        spend.revenue_amt - spend.mobile_amt - spend.fixed_amt - spend.leased_amt - spend.vas_amt, 0
    ) as decimal(18, 2)) as other_amt,
    cast(coalesce(arrears.arrears_amt, 0) as decimal(18, 2)) as arrears_amt,
    'CNY' as currency_code,
    cast(coalesce(spend.service_class_count, 0) as bigint) as service_class_count,
    cast(case when last_spend.customer_id is null then 0 else coalesce(added.added_class_count, 0) end as bigint)
        as added_class_count,
    cast(coalesce(dropped.dropped_class_count, 0) as bigint) as dropped_class_count,
    last_spend.customer_id is not null
    and coalesce(added.added_class_count, 0) + coalesce(dropped.dropped_class_count, 0) > 0 as is_mix_changed,

    -- what was promised
    cast(coalesce(circuits.circuit_count, 0) as bigint) as circuit_count,
    cast(coalesce(circuits.opened_circuit_count, 0) as bigint) as opened_circuit_count,
    cast(coalesce(circuits.closed_circuit_count, 0) as bigint) as closed_circuit_count,
    cast(coalesce(circuits.up_s, 0) as bigint) as circuit_up_s,
    cast(coalesce(circuits.measured_s, 0) as bigint) as circuit_measured_s,
    cast(coalesce(circuits.missed_circuit_count, 0) as bigint) as missed_circuit_count,
    cast(coalesce(circuits.credit_amt, 0) as decimal(18, 2)) as credit_amt,
    cast({{ 'coalesce(tickets.ticket_count, 0)' if service_quality else 'null' }} as bigint) as ticket_count,
    cast({{ 'coalesce(tickets.open_ticket_count, 0)' if service_quality else 'null' }} as bigint) as open_ticket_count,
    cast(coalesce(events.service_event_count, 0) as bigint) as service_event_count,

    -- what is to be done
    cast(coalesce(contracts.contract_count, 0) as bigint) as contract_count,
    cast(coalesce(contracts.contract_ending_count, 0) as bigint) as contract_ending_count,
    cast(coalesce(visits.due_visit_count, 0) as bigint) as due_visit_count,
    cast(coalesce(visits.done_visit_count, 0) as bigint) as done_visit_count,
    cast(coalesce(opportunities.open_opportunity_count, 0) as bigint) as open_opportunity_count,
    cast(coalesce(opportunities.open_opportunity_amt, 0) as decimal(18, 2)) as open_opportunity_amt,
    cast(coalesce(opportunities.won_opportunity_amt, 0) as decimal(18, 2)) as won_opportunity_amt,

    -- times
    contracts.next_contract_end_on,
    pages.as_of_date,
    pages.as_of_month
from pages
left join large on pages.customer_id = large.customer_id and pages.as_of_month = large.month_start_date
left join managers on pages.customer_id = managers.customer_id and {{ valid_on('managers', 'pages.as_of_date') }}
left join spend on pages.customer_id = spend.customer_id and pages.as_of_month = spend.as_of_month
left join spend as last_spend on pages.customer_id = last_spend.customer_id
    and {{ add_months('pages.as_of_month', -1) }} = last_spend.as_of_month
left join added on pages.customer_id = added.customer_id and pages.as_of_month = added.as_of_month
left join dropped on pages.customer_id = dropped.customer_id and pages.as_of_month = dropped.as_of_month
left join circuits on pages.customer_id = circuits.customer_id and pages.as_of_month = circuits.month_start_date
left join contracts on pages.customer_id = contracts.customer_id and pages.as_of_month = contracts.as_of_month
left join visits on pages.customer_id = visits.customer_id and pages.as_of_month = visits.as_of_month
left join events on pages.customer_id = events.customer_id and pages.as_of_month = events.as_of_month
left join opportunities on pages.customer_id = opportunities.customer_id
    and pages.as_of_month = opportunities.as_of_month
left join arrears on pages.customer_id = arrears.customer_id and pages.as_of_month = arrears.as_of_month
{%- if service_quality %}
left join tickets on pages.customer_id = tickets.customer_id and pages.as_of_month = tickets.as_of_month
{%- endif %}
