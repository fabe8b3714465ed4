-- One row per visit to a large customer or return call after a ticket, accumulating: due, and then done or cancelled.
-- The grade is the one that held when the visit was due: set by hand while that lasts, else that of the customer list.
with messages as (

    select
        *,
        {{ is_newest(['visit_id'], 'changed_at') }} as is_newest
    from {{ ref('stg_call_center__visit') }}

),

turns as (

    select
        visit_id,
        min(changed_at) as planned_at,
        min(case when status_code = 'DONE' then changed_at end) as done_at,
        min(case when status_code = 'DONE' then changed_at_local end) as done_at_local,
        min(case when status_code = 'DONE' then outcome_code end) as outcome_code,
        min(case when status_code = 'CANCELLED' then changed_at end) as cancelled_at,
        count(*) as message_count
    from messages
    group by visit_id

),

customers as (

    select * from {{ ref('dim_customer') }}

),

archive as (

    select * from {{ ref('dim_key_account') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

staff as (

    select * from {{ ref('dim_staff') }}

),

staff_versions as (

    select * from {{ ref('dim_staff_version') }}

)

select
    -- keys
    {{ surrogate_key(['visits.visit_id']) }} as visit_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(staff.staff_key, {{ unknown_key() }}) as staff_key,
    visits.visit_id,
    visits.customer_id,
    visits.ticket_id,

    -- attributes
    visits.visit_type_code,
    visits.status_code,
    turns.outcome_code,
    coalesce(staff_versions.role_code, '?') as staff_role_code,
    coalesce(
        case when archive.override_until_on >= visits.due_on then archive.override_grade_code end,
        customers.service_grade_code,
        '?'
    ) as service_grade_code,
    turns.done_at is null and turns.cancelled_at is not null as is_cancelled,
    turns.done_at is not null or turns.cancelled_at is null as is_due,
    turns.done_at is not null as is_done,
    coalesce(cast(turns.done_at_local as date) <= visits.due_on, false) as is_in_time,

    -- measures
    {{ days_between('visits.due_on', 'turns.done_at_local') }} as days_after_due,
    cast(turns.message_count as bigint) as message_count,

    -- times
    turns.planned_at,
    visits.due_on,
    turns.done_at,
    cast(turns.done_at_local as date) as done_date,
    turns.cancelled_at,
    visits.file_date
from messages as visits
inner join turns on visits.visit_id = turns.visit_id
left join customers on visits.customer_id = customers.customer_id
    and {{ valid_on('customers', 'visits.due_on') }}
left join archive on visits.customer_id = archive.customer_id and {{ valid_on('archive', 'visits.due_on') }}
left join orgs on visits.org_id = orgs.org_id and {{ valid_on('orgs', 'visits.due_on') }}
left join staff on visits.staff_id = staff.staff_id
left join staff_versions on visits.staff_id = staff_versions.staff_id
    and {{ valid_on('staff_versions', 'coalesce(cast(turns.done_at_local as date), visits.due_on)') }}
where visits.is_newest
