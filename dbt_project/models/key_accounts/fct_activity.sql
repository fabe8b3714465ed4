-- One row per activity with a large customer, accumulating: planned, and then done or cancelled.
with messages as (

    select
        *,
        {{ is_newest(['activity_id'], 'changed_at') }} as is_newest
    from {{ ref('stg_crm__activity') }}

),

turns as (

    select
        activity_id,
        min(case when status_code = 'DONE' then changed_at end) as done_at,
        min(case when status_code = 'DONE' then changed_at_local end) as done_at_local,
        min(case when status_code = 'CANCELLED' then changed_at end) as cancelled_at,
        count(*) as message_count
    from messages
    group by activity_id

),

customers as (

    select * from {{ ref('dim_customer') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

staff as (

    select * from {{ ref('dim_staff') }}

)

select
    -- keys
    {{ surrogate_key(['activities.activity_id']) }} as activity_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(staff.staff_key, {{ unknown_key() }}) as staff_key,
    activities.activity_id,
    activities.customer_id,

    -- attributes
    activities.activity_type_code,
    activities.completion_type_code,
    activities.status_code,
    turns.done_at is not null as is_done,
    turns.done_at is null and turns.cancelled_at is not null as is_cancelled,
    turns.done_at is null and turns.cancelled_at is null as is_open,

    -- measures
    {{ days_between('activities.planned_on', 'turns.done_at_local') }} as days_after_plan,
    cast(turns.message_count as bigint) as message_count,

    -- times
    activities.planned_on,
    turns.done_at,
    cast(turns.done_at_local as date) as done_date,
    turns.cancelled_at,
    activities.file_date
from messages as activities
inner join turns on activities.activity_id = turns.activity_id
left join customers on activities.customer_id = customers.customer_id
    and {{ valid_on('customers', 'activities.planned_on') }}
left join orgs on activities.org_id = orgs.org_id and {{ valid_on('orgs', 'activities.planned_on') }}
left join staff on activities.staff_id = staff.staff_id
where activities.is_newest
