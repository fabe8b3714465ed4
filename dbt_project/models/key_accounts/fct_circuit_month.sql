-- One row per circuit and month in which it was in service or measured: availability against the target of its grade
-- and the credit that is due when the target is missed. A target reached exactly is met. Availability is seconds up
-- over seconds measured; quarter-hours that were not delivered count neither way and stand in missing_s.
with circuit_days as (

    select
        circuit_id,
        {{ month_of('measured_date') }} as month_start_date,
        quarter_count,
        measured_s,
        up_s,
        errored_s,
        in_bytes,
        out_bytes,
        measured_date
    from {{ ref('fct_circuit_day') }}

),

measured as (

    select
        circuit_id,
        month_start_date,
        cast(sum(quarter_count) as bigint) as quarter_count,
        cast(sum(measured_s) as bigint) as measured_s,
        cast(sum(up_s) as bigint) as up_s,
        cast(sum(errored_s) as bigint) as errored_s,
        cast(sum(in_bytes) as bigint) as in_bytes,
        cast(sum(out_bytes) as bigint) as out_bytes,
        max(measured_date) as last_measured_date
    from circuit_days
    group by circuit_id, month_start_date

),

months as (

    select
        month_start_date,
        {{ add_months('month_start_date', 1) }} as next_month_date,
        max(last_measured_date) as last_date
    from measured
    group by month_start_date, {{ add_months('month_start_date', 1) }}

),

owners as (

    select
        circuit_id,
        min(valid_from) as in_service_from,
        max(valid_to) as in_service_to
    from {{ ref('bridge_circuit_customer') }}
    group by circuit_id

),

present as (

    select
        owners.circuit_id,
        months.month_start_date,
        months.next_month_date,
        months.last_date,
        {{ days_between(
            'case when owners.in_service_from > months.month_start_date then owners.in_service_from else months.month_start_date end',
            'case when owners.in_service_to <= months.last_date then owners.in_service_to else ' ~ add_days('months.last_date', 1) ~ ' end'
        ) }} as service_days
    from owners
    inner join months on owners.in_service_from <= months.last_date and owners.in_service_to > months.month_start_date

),

circuit_months as (

    select
        coalesce(present.circuit_id, measured.circuit_id) as circuit_id,
        coalesce(present.month_start_date, measured.month_start_date) as month_start_date,
        coalesce(present.last_date, measured.last_measured_date) as last_date,
        coalesce(present.service_days, 0) * 86400 as expected_s,
        coalesce(measured.quarter_count, 0) as quarter_count,
        coalesce(measured.measured_s, 0) as measured_s,
        coalesce(measured.up_s, 0) as up_s,
        coalesce(measured.errored_s, 0) as errored_s,
        coalesce(measured.in_bytes, 0) as in_bytes,
        coalesce(measured.out_bytes, 0) as out_bytes
    from present
    full outer join measured on present.circuit_id = measured.circuit_id
        and present.month_start_date = measured.month_start_date

),

faults as (

    select
        circuit_id,
        {{ month_of('opened_date') }} as month_start_date,
        count(*) as fault_count
    from {{ ref('fct_service_event') }}
    where event_type_code = 'FAULT' and circuit_id is not null
    group by circuit_id, {{ month_of('opened_date') }}

),

circuits as (

    select * from {{ ref('dim_circuit') }}

),

grades as (

    select * from {{ ref('circuit_grades') }}

),

described as (

    select
        circuit_months.*,
        coalesce(circuits.circuit_key, {{ unknown_key() }}) as circuit_key,
        circuits.customer_id,
        coalesce(circuits.org_id, '?') as org_id,
        coalesce(circuits.service_code, '?') as service_code,
        coalesce(circuits.circuit_grade_code, '?') as circuit_grade_code,
        coalesce(circuits.monthly_fee_amt, 0) as monthly_fee_amt,
        coalesce({{ month_of('circuits.opened_on') }} = circuit_months.month_start_date, false) as is_opened,
        coalesce({{ month_of('circuits.closed_on') }} = circuit_months.month_start_date, false) as is_closed,
        grades.availability_target,
        circuit_months.up_s >= grades.availability_target * circuit_months.measured_s as is_target_met,
        case
            when circuit_months.up_s < grades.severe_target * circuit_months.measured_s then grades.severe_credit_share
            when circuit_months.up_s < grades.availability_target * circuit_months.measured_s then grades.credit_share
            else 0
        end as credit_share
    from circuit_months
    left join circuits on circuit_months.circuit_id = circuits.circuit_id
        and {{ valid_on('circuits', 'circuit_months.last_date') }}
    left join grades on circuits.circuit_grade_code = grades.circuit_grade_code
        and {{ valid_on('grades', 'circuit_months.month_start_date') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

services as (

    select * from {{ ref('dim_service') }}

)

select
    -- keys
    described.circuit_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(services.service_key, {{ unknown_key() }}) as service_key,
    described.circuit_id,
    coalesce(described.customer_id, '?') as customer_id,

    -- attributes
    described.circuit_grade_code,
    described.is_opened,
    described.is_closed,
    case when described.measured_s > 0 then described.is_target_met end as is_target_met,

    -- measures
    cast(described.expected_s as bigint) as expected_s,
    cast(described.measured_s as bigint) as measured_s,
    cast(described.expected_s - described.measured_s as bigint) as missing_s,
    cast(described.up_s as bigint) as up_s,
    cast(described.measured_s - described.up_s as bigint) as down_s,
    cast(described.errored_s as bigint) as errored_s,
    cast(described.quarter_count as bigint) as quarter_count,
    cast(described.in_bytes as bigint) as in_bytes,
    cast(described.out_bytes as bigint) as out_bytes,
    cast(coalesce(faults.fault_count, 0) as bigint) as fault_count,
    cast(described.availability_target as decimal(9, 6)) as availability_target,
    cast(described.monthly_fee_amt as decimal(18, 2)) as monthly_fee_amt,
    cast(case
        when described.measured_s > 0 then round(described.monthly_fee_amt * described.credit_share, 2) else 0
    end as decimal(18, 2)) as credit_amt,
    'CNY' as currency_code,

    -- times
    described.month_start_date
from described
left join customers on described.customer_id = customers.customer_id
    and {{ valid_on('customers', 'described.last_date') }}
left join orgs on described.org_id = orgs.org_id and {{ valid_on('orgs', 'described.last_date') }}
left join services on described.service_code = services.service_code
left join faults on described.circuit_id = faults.circuit_id
    and described.month_start_date = faults.month_start_date
