-- One row per subscription, month of use, as-of month from which the use is known, and cell (? without one): what was
-- used there. A month is counted again in full when a file from the window on holds, or once held, one of its records.
with touched_months as (

    {{ touched_dates('event_month', ref('fct_usage_event'), month_of('event_date'), 'file_date') }}

),

-- Known to be few whatever the events: an engine that took them for many would hold all events in memory to join them.
touched_dates as (

    select
        calendar_date,
        cast(power(2, extract(day from calendar_date) - 1) as bigint) as day_bit,
        month_start_date as event_month
    from {{ ref('dim_date') }}
    where month_start_date in (select touched_months.event_month from touched_months)

),

files as (

    select
        file_name,
        replace(contract_id, 'billing__', '') as record_kind_code,
        known_month
    from {{ ref('feature_file') }}
    where contract_id like 'billing%'

),

rivals as (

    select operator_code from {{ ref('operators') }}
    where operator_type_code = 'mobile' and not is_own

),

components as (

    select
        usage_type_code,
        tariff_component_code
    from {{ ref('usage_types') }}

)

select
    -- keys
    events.subscription_id,
    coalesce(events.cell_id, '?') as cell_id,

    -- measures
    count(*) as record_count,
    cast(sum(case when events.record_kind_code = 'rated_voice' then 1 else 0 end) as bigint) as call_count,
    cast(sum(case when rivals.operator_code is not null then 1 else 0 end) as bigint) as rival_call_count,
    cast(sum(case when events.direction_code = 'MO' then events.billed_minutes else 0 end) as bigint)
        as originated_minutes,
    cast(sum(case
        when components.tariff_component_code = 'SMS' and events.direction_code = 'MO' then 1 else 0
    end) as bigint) as originated_messages,
    {%- for component in ['VOICE', 'SMS', 'DATA'] %}
    cast(sum(case when components.tariff_component_code = '{{ component }}' then events.rated_amt else 0 end)
        as decimal(18, 2)) as {{ component | lower }}_rated_amt,
    {%- endfor %}
    cast(sum(events.duration_s) as bigint) as duration_s,
    cast(sum(events.up_bytes + events.down_bytes) as bigint) as volume_bytes,
    bit_or(touched_dates.day_bit) as used_days_mask,

    -- times and lineage
    max(case when events.direction_code in ('MO', 'NONE') then events.event_date end) as last_own_use_date,
    max(events.file_date) as last_file_date,
    files.known_month,
    touched_dates.event_month
from {{ ref('fct_usage_event') }} as events
inner join touched_dates on events.event_date = touched_dates.calendar_date
inner join files on events.source_file = files.file_name and events.record_kind_code = files.record_kind_code
left join components on events.usage_type_code = components.usage_type_code
left join rivals on events.counterpart_operator_code = rivals.operator_code
group by events.subscription_id, coalesce(events.cell_id, '?'), files.known_month, touched_dates.event_month
