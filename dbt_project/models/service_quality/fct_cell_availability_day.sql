-- One row per cell and day: seconds in service as measured, seconds without service, the part of them that falls into
-- the window of a planned work, and failures (service-affecting alarms raised that are not planned).
with hours as (

    select * from {{ ref('fct_network_cell_hour') }}

),

works as (

    select * from {{ ref('fct_planned_work') }}

),

-- Windows of works on one cell that overlap would count twice; they are not planned that way.
planned_hours as (

    select
        hours.cell_id,
        hours.hour_at,
        hours.file_date,
        cast(sum({{ seconds_between('greatest(works.begins_at, hours.hour_at)',
            'least(works.ends_at, ' ~ add_seconds('hours.hour_at', 3600) ~ ')') }}) as bigint) as planned_s
    from hours
    inner join works on hours.cell_id = works.cell_id
        and {{ add_seconds('hours.hour_at', 3600) }} > works.begins_at and hours.hour_at < works.ends_at
    group by hours.cell_id, hours.hour_at, hours.file_date

),

cell_days as (

    select
        hours.cell_id,
        hours.measured_date,
        cast(sum(hours.quarter_count * 3600 / nullif(hours.expected_quarter_count, 0)) as bigint) as measured_s,
        cast(sum(hours.unavailable_s) as bigint) as unavailable_s,
        cast(sum(least(hours.unavailable_s, coalesce(planned_hours.planned_s, 0))) as bigint) as planned_unavailable_s
    from hours
    left join planned_hours on hours.cell_id = planned_hours.cell_id and hours.hour_at = planned_hours.hour_at
        and hours.file_date = planned_hours.file_date
    group by hours.cell_id, hours.measured_date

),

failures as (

    select
        cell_id,
        raised_date,
        count(*) as failure_count
    from {{ ref('fct_alarm') }}
    where is_service_affecting and not is_planned
    group by cell_id, raised_date

),

cells as (

    select * from {{ ref('dim_network_element') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

)

select
    -- keys
    coalesce(cells.network_element_key, {{ unknown_key() }}) as network_element_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    cell_days.cell_id,

    -- measures
    cell_days.measured_s,
    cell_days.unavailable_s,
    cell_days.planned_unavailable_s,
    coalesce(failures.failure_count, 0) as failure_count,

    -- times
    cell_days.measured_date
from cell_days
left join failures on cell_days.cell_id = failures.cell_id and cell_days.measured_date = failures.raised_date
left join cells on cell_days.cell_id = cells.cell_id and {{ valid_on('cells', 'cell_days.measured_date') }}
left join orgs on cells.org_id = orgs.org_id and {{ valid_on('orgs', 'cell_days.measured_date') }}
