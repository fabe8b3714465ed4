-- One row per subscription that used a degraded cell in an as-of month, as known by then: how much of its own use fell
-- into hours in which the cell was degraded. What an hour is judged by is that of fct_network_cell_hour.
with months as (

    select
        as_of_month,
        as_of_date
    from {{ ref('feature_as_of') }}
    where is_closed and ({{ since_window('as_of_date', lookback_days=10) }} {{ not_there_yet('as_of_date') }})

),

dates as (

    select
        dates.calendar_date,
        months.as_of_month,
        months.as_of_date
    from {{ ref('dim_date') }} as dates
    inner join months on dates.month_start_date = months.as_of_month

),

hours as (

    select
        months.as_of_month,
        measured.cell_id,
        measured.hour_at,
        max(measured.measured_date) as measured_date,
        cast(sum(measured.bearer_release_count) as bigint) as bearer_release_count,
        cast(sum(measured.bearer_drop_count) as bigint) as bearer_drop_count,
        cast(sum(measured.unavailable_s) as bigint) as unavailable_s,
        sum(measured.resource_blocks_pct_sum) as resource_blocks_pct_sum,
        cast(sum(measured.resource_blocks_pct_sample_count) as bigint) as resource_blocks_pct_sample_count,
        cast(sum(measured.quarter_count) as bigint) as quarter_count,
        max(measured.expected_quarter_count) as expected_quarter_count
    from {{ ref('feature_cell_hour') }} as measured
    inner join months on {{ month_of('measured.measured_date') }} = months.as_of_month
        and measured.known_month <= months.as_of_month
    group by months.as_of_month, measured.cell_id, measured.hour_at

),

rules as (

    {{ hour_rules() }}

),

degraded_hours as (

    select
        hours.as_of_month,
        hours.cell_id,
        hours.hour_at
    from hours
    {{ join_hour_rules('hours.measured_date') }}
    where {{ is_valid_hour('hours', 'full_hours') }} and ({{ is_poor_hour('hours', 'drops', 'busy') }})

),

events as (

    select
        events.subscription_id,
        events.cell_id,
        cast(date_trunc('hour', events.started_at) as timestamp) as hour_at,
        events.duration_s,
        events.up_bytes + events.down_bytes as volume_bytes,
        files.known_month,
        dates.as_of_month,
        dates.as_of_date
    from {{ ref('fct_usage_event') }} as events
    inner join dates on events.event_date = dates.calendar_date
    inner join {{ ref('feature_file') }} as files on events.source_file = files.file_name
        and files.contract_id = concat('billing__', events.record_kind_code)
    where events.cell_id is not null

)

select
    -- keys
    events.subscription_id,

    -- measures
    count(*) as degraded_record_count,
    cast(sum(events.duration_s) as bigint) as degraded_duration_s,
    cast(sum(events.volume_bytes) as bigint) as degraded_volume_bytes,

    -- times
    events.as_of_month,
    events.as_of_date
from events
inner join degraded_hours on events.as_of_month = degraded_hours.as_of_month
    and events.cell_id = degraded_hours.cell_id and events.hour_at = degraded_hours.hour_at
    and events.known_month <= degraded_hours.as_of_month
group by events.subscription_id, events.as_of_month, events.as_of_date
