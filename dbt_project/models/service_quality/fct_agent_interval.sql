-- One row per agent and half-hour logged in: where the time went, and the contacts answered in it.
-- A half-hour delivered again within 3 days is left out.
with delivered as (

    select
        *,
        {{ repeats_record(['staff_id', 'interval_at'], within_days=3) }} as is_copy
    from {{ ref('stg_call_center__agent_interval') }}
    where {{ since_window('file_date', lookback_days=3) }}

),

intervals as (

    select
        *,
        cast(interval_at_local as date) as interval_date
    from delivered
    where not is_copy and {{ since_window('file_date') }}

),

staff as (

    select * from {{ ref('dim_staff') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

)

select
    -- keys
    {{ surrogate_key(['intervals.staff_id', 'intervals.interval_at', 'intervals.file_date']) }} as agent_interval_key,
    coalesce(staff.staff_key, {{ unknown_key() }}) as staff_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    intervals.staff_id,

    -- measures
    intervals.login_s,
    intervals.talk_s,
    intervals.hold_s,
    intervals.wrap_s,
    intervals.available_s,
    intervals.auxiliary_s,
    intervals.handled_count,

    -- times and lineage
    intervals.interval_at,
    intervals.interval_at_local,
    intervals.interval_date,
    cast(extract(hour from intervals.interval_at_local) as int) as hour_of_day,
    intervals.source_file,
    intervals.line_number,
    intervals.file_date
from intervals
left join staff on intervals.staff_id = staff.staff_id
left join orgs on staff.org_id = orgs.org_id and {{ valid_on('orgs', 'intervals.interval_date') }}
