-- One row per cell and day on which it was measured or raised an alarm: what the network KPIs count, of its valid hours
-- where hours are judged, so that each of them can be split by area and by urban and rural.
with busy_rule as (

    select
        parameter_value as busy_cell_pct,
        valid_from,
        valid_to
    from {{ ref('parameters') }}
    where parameter_code = 'busy_cell_pct'

),

drop_rule as (

    select
        parameter_value as bad_cell_drop_pct,
        valid_from,
        valid_to
    from {{ ref('parameters') }}
    where parameter_code = 'bad_cell_drop_pct'

),

hours as (

    select
        facts.*,
        facts.resource_blocks_pct_sum > busy_rule.busy_cell_pct * facts.resource_blocks_pct_sample_count as is_busy
    from {{ ref('fct_network_cell_hour') }} as facts
    inner join busy_rule on {{ valid_on('busy_rule', 'facts.measured_date') }}
    where facts.is_valid

),

hour_days as (

    select
        cell_id,
        measured_date,
        sum(connection_attempt_count) as connection_attempt_count,
        sum(connection_success_count) as connection_success_count,
        sum(bearer_attempt_count) as bearer_attempt_count,
        sum(bearer_success_count) as bearer_success_count,
        sum(bearer_release_count) as bearer_release_count,
        sum(bearer_drop_count) as bearer_drop_count,
        sum(bearer_congestion_count) as bearer_congestion_count,
        sum(session_s) as session_s,
        sum(volume_down_bytes + volume_up_bytes) as volume_bytes,
        sum(resource_blocks_pct_sum) as resource_blocks_pct_sum,
        sum(resource_blocks_pct_sample_count) as resource_blocks_pct_sample_count,
        max(resource_blocks_pct_sum / nullif(resource_blocks_pct_sample_count, 0)) as busiest_hour_pct,
        count(*) as hour_count,
        count(case when is_busy then 1 end) as busy_hour_count,
        count(nullif(resource_blocks_pct_sample_count, 0)) as loaded_hour_count,
        count(case when is_degraded then 1 end) as degraded_hour_count
    from hours
    group by cell_id, measured_date

),

availability_days as (

    select
        cell_id,
        measured_date,
        measured_s,
        unavailable_s,
        planned_unavailable_s,
        failure_count
    from {{ ref('fct_cell_availability_day') }}

),

alarm_days as (

    select
        coalesce(cell_id, '?') as cell_id,
        raised_date as measured_date,
        count(*) as alarm_count
    from {{ ref('fct_alarm') }}
    group by coalesce(cell_id, '?'), raised_date

),

outage_days as (

    select
        coalesce(cell_id, '?') as cell_id,
        raised_date as measured_date,
        sum(customer_minutes) as customer_minutes
    from {{ ref('fct_outage_impact') }}
    where duration_s is not null
    group by coalesce(cell_id, '?'), raised_date

),

every_day as (

    select
        cell_id,
        measured_date
    from availability_days
    union all
    select
        cell_id,
        measured_date
    from alarm_days

),

cell_days as (

    select distinct
        cell_id,
        measured_date
    from every_day

),

cells as (

    select * from {{ ref('dim_network_element') }}

),

areas as (

    select * from {{ ref('dim_area') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

)

select
    -- keys
    coalesce(cells.network_element_key, {{ unknown_key() }}) as network_element_key,
    coalesce(areas.area_key, {{ unknown_key() }}) as area_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    cell_days.cell_id,

    -- attributes
    coalesce(cells.area_class_code, '?') as area_class_code,
    coalesce(hour_days.bearer_release_count > 0, false) as is_judged,
    coalesce(
        100 * hour_days.bearer_drop_count > drop_rule.bad_cell_drop_pct * hour_days.bearer_release_count, false
    ) as is_bad,

    -- measures of valid hours
    cast(coalesce(hour_days.connection_attempt_count, 0) as bigint) as connection_attempt_count,
    cast(coalesce(hour_days.connection_success_count, 0) as bigint) as connection_success_count,
    cast(coalesce(hour_days.bearer_attempt_count, 0) as bigint) as bearer_attempt_count,
    cast(coalesce(hour_days.bearer_success_count, 0) as bigint) as bearer_success_count,
    cast(coalesce(hour_days.bearer_release_count, 0) as bigint) as bearer_release_count,
    cast(coalesce(hour_days.bearer_drop_count, 0) as bigint) as bearer_drop_count,
    cast(coalesce(hour_days.bearer_congestion_count, 0) as bigint) as bearer_congestion_count,
    cast(coalesce(hour_days.session_s, 0) as bigint) as session_s,
    cast(coalesce(hour_days.volume_bytes, 0) as bigint) as volume_bytes,
    cast(coalesce(hour_days.resource_blocks_pct_sum, 0) as decimal(38, 6)) as resource_blocks_pct_sum,
    cast(coalesce(hour_days.resource_blocks_pct_sample_count, 0) as bigint) as resource_blocks_pct_sample_count,
    cast(hour_days.busiest_hour_pct as decimal(38, 6)) as busiest_hour_pct,
    cast(coalesce(hour_days.hour_count, 0) as bigint) as hour_count,
    cast(coalesce(hour_days.busy_hour_count, 0) as bigint) as busy_hour_count,
    cast(coalesce(hour_days.loaded_hour_count, 0) as bigint) as loaded_hour_count,
    cast(coalesce(hour_days.degraded_hour_count, 0) as bigint) as degraded_hour_count,

    -- measures of the day
    cast(coalesce(availability_days.measured_s, 0) as bigint) as measured_s,
    cast(coalesce(availability_days.unavailable_s, 0) as bigint) as unavailable_s,
    cast(coalesce(availability_days.planned_unavailable_s, 0) as bigint) as planned_unavailable_s,
    cast(coalesce(availability_days.failure_count, 0) as bigint) as failure_count,
    cast(coalesce(alarm_days.alarm_count, 0) as bigint) as alarm_count,
    cast(coalesce(outage_days.customer_minutes, 0) as decimal(38, 6)) as customer_minutes,

    -- times
    cell_days.measured_date
from cell_days
left join hour_days on cell_days.cell_id = hour_days.cell_id and cell_days.measured_date = hour_days.measured_date
left join availability_days on cell_days.cell_id = availability_days.cell_id
    and cell_days.measured_date = availability_days.measured_date
left join alarm_days on cell_days.cell_id = alarm_days.cell_id and cell_days.measured_date = alarm_days.measured_date
left join outage_days on cell_days.cell_id = outage_days.cell_id
    and cell_days.measured_date = outage_days.measured_date
left join drop_rule on {{ valid_on('drop_rule', 'cell_days.measured_date') }}
left join cells on cell_days.cell_id = cells.cell_id and {{ valid_on('cells', 'cell_days.measured_date') }}
left join areas on cells.area_id = areas.area_id
left join orgs on cells.org_id = orgs.org_id and {{ valid_on('orgs', 'cell_days.measured_date') }}
