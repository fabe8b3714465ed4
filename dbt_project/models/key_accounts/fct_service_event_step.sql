-- One row per step finished of a one-stop service event, as its latest snapshot lists it. The steps of a closed event
-- follow each other, so that their seconds add up to its total.
with steps as (

    select
        *,
        {{ is_newest(['service_event_id', 'step_number'], 'changed_at') }} as is_newest
    from {{ ref('stg_crm__service_event_step') }}

),

events as (

    select * from {{ ref('fct_service_event') }}

),

staff as (

    select * from {{ ref('dim_staff') }}

)

select
    -- keys
    {{ surrogate_key(['steps.service_event_id', 'steps.step_number']) }} as service_event_step_key,
    coalesce(events.service_event_key, {{ unknown_key() }}) as service_event_key,
    coalesce(events.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(events.org_key, {{ unknown_key() }}) as org_key,
    coalesce(staff.staff_key, {{ unknown_key() }}) as owner_staff_key,
    steps.service_event_id,
    steps.step_number,

    -- attributes
    steps.step_code,

    -- measures
    {{ seconds_between('steps.begin_at', 'steps.end_at') }} as step_s,

    -- times and lineage
    steps.begin_at,
    steps.end_at,
    cast(steps.end_at_local as date) as end_date,
    steps.source_file,
    steps.line_number,
    steps.file_date
from steps
left join events on steps.service_event_id = events.service_event_id
left join staff on steps.owner_staff_id = staff.staff_id
where steps.is_newest
