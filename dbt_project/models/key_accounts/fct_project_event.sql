-- One row per event of a project that delivers what was sold; an event delivered again is left out.
with delivered as (

    select
        *,
        cast(event_at_local as date) as event_date,
        {{ repeats_record(['project_id', 'event_type_code']) }} as is_copy
    from {{ ref('stg_crm__project') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

staff as (

    select * from {{ ref('dim_staff') }}

),

opportunities as (

    select * from {{ ref('fct_opportunity') }}

)

select
    -- keys
    {{ surrogate_key(['events.project_id', 'events.event_type_code']) }} as project_event_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(staff.staff_key, {{ unknown_key() }}) as staff_key,
    coalesce(opportunities.service_key, {{ unknown_key() }}) as service_key,
    events.project_id,
    events.opportunity_id,
    events.customer_id,

    -- attributes
    events.event_type_code,
    events.handling_type_code,
    events.completion_type_code,
    case when events.event_type_code = 'CLOSED' then events.event_date <= events.promised_on end as is_in_time,

    -- measures
    {{ days_between('events.promised_on', 'events.event_date') }} as days_after_promise,

    -- times and lineage
    events.event_at,
    events.event_at_local,
    events.event_date,
    events.promised_on,
    events.source_file,
    events.line_number,
    events.file_date
from delivered as events
left join customers on events.customer_id = customers.customer_id
    and {{ valid_on('customers', 'events.event_date') }}
left join orgs on events.org_id = orgs.org_id and {{ valid_on('orgs', 'events.event_date') }}
left join staff on events.staff_id = staff.staff_id
left join opportunities on events.opportunity_id = opportunities.opportunity_id
where not events.is_copy
