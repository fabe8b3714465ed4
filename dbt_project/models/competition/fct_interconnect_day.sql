-- One row per own city, counterpart operator, direction, service and day: calls and messages that cross to another
-- network, with what they cost or bring by the price of the day. What own subscribers do abroad crosses no border of
-- ours. A day is counted again in full when its use was.
with touched_dates as (

    {{ touched_dates('event_date', ref('fct_usage_day'), 'event_date', 'last_file_date') }}

),

operators as (

    select * from {{ ref('dim_operator') }}

),

usage_types as (

    select * from {{ ref('dim_usage_type') }}

),

crossing as (

    select
        usage_days.org_id,
        usage_days.org_key,
        usage_days.counterpart_operator_code,
        usage_days.counterpart_operator_key,
        coalesce(operators.operator_type_code, '?') as operator_type_code,
        case when usage_days.direction_code = 'MT' then 'IN' else 'OUT' end as direction_code,
        case when usage_types.usage_class_code = 'sms' then 'SMS' else 'VOICE' end as service_code,
        cast(sum(usage_days.record_count) as bigint) as record_count,
        cast(sum(usage_days.duration_s) as bigint) as duration_s,
        cast(sum(case
            when usage_types.usage_class_code = 'sms' then usage_days.record_count else usage_days.billed_minutes
        end) as bigint) as settled_quantity,
        max(usage_days.last_file_date) as last_file_date,
        usage_days.event_date
    from {{ ref('fct_usage_day') }} as usage_days
    inner join touched_dates on usage_days.event_date = touched_dates.event_date
    left join operators on usage_days.counterpart_operator_key = operators.operator_key
    left join usage_types on usage_days.usage_type_key = usage_types.usage_type_key
    where
        usage_days.counterpart_operator_code <> 'NONE'
        and usage_days.roam_type_code <> 'INTL'
        and not coalesce(operators.is_own, false)
        and coalesce(operators.operator_type_code, '?') <> 'service'
    group by
        usage_days.org_id, usage_days.org_key, usage_days.counterpart_operator_code,
        usage_days.counterpart_operator_key, coalesce(operators.operator_type_code, '?'),
        case when usage_days.direction_code = 'MT' then 'IN' else 'OUT' end,
        case when usage_types.usage_class_code = 'sms' then 'SMS' else 'VOICE' end, usage_days.event_date

),

rates as (

    select * from {{ ref('interconnect_rates') }}

)

select
    -- keys
    {{ surrogate_key([
        'crossing.org_key', 'crossing.org_id', 'crossing.counterpart_operator_code', 'crossing.direction_code',
        'crossing.service_code', 'crossing.event_date',
    ]) }} as interconnect_key,
    crossing.org_key,
    crossing.counterpart_operator_key,
    crossing.org_id,
    crossing.counterpart_operator_code,

    -- attributes
    crossing.direction_code,
    crossing.service_code,
    rates.rate_amt is not null as has_rate,

    -- measures
    crossing.record_count,
    crossing.duration_s,
    crossing.settled_quantity,
    cast(crossing.settled_quantity * coalesce(rates.rate_amt, 0) as decimal(18, 2)) as fee_amt,

    -- times and lineage
    crossing.last_file_date,
    crossing.event_date
from crossing
left join rates on crossing.operator_type_code = rates.operator_type_code
    and crossing.service_code = rates.service_code and crossing.direction_code = rates.direction_code
    and {{ valid_on('rates', 'crossing.event_date') }}
