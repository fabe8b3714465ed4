-- One row per work order, accumulating: dispatched, accepted, done, closed when the customer confirmed; with the
-- seconds of each step from the opening of its service event on.
{% set steps = {'DISPATCHED': 'dispatched', 'ACCEPTED': 'accepted', 'DONE': 'done', 'CLOSED': 'confirmed'} -%}

with messages as (

    select
        *,
        {{ is_newest(['work_order_id'], 'changed_at') }} as is_newest
    from {{ ref('stg_crm__work_order') }}

),

turns as (

    select
        work_order_id,
        {%- for status, step in steps.items() %}
        min(case when status_code = '{{ status }}' then changed_at end) as {{ step }}_at,
        min(case when status_code = '{{ status }}' then changed_at_local end) as {{ step }}_at_local,
        {%- endfor %}
        min(changed_at_local) as first_at_local,
        count(*) as message_count
    from messages
    group by work_order_id

),

orders as (

    select
        messages.*,
        {%- for step in steps.values() %}
        turns.{{ step }}_at,
        turns.{{ step }}_at_local,
        {%- endfor %}
        turns.message_count,
        cast(turns.first_at_local as date) as first_date
    from messages
    inner join turns on messages.work_order_id = turns.work_order_id
    where messages.is_newest

),

events as (

    select * from {{ ref('fct_service_event') }}

),

-- What was promised is promised for the event, when it was opened.
opened as (

    select
        events.service_event_id,
        case when events.event_type_code = 'FAULT' then 'fault' else 'request' end as ticket_type_code,
        events.service_code,
        customers.service_grade_code as customer_grade_code,
        circuits.circuit_grade_code,
        events.opened_date
    from events
    left join {{ ref('dim_customer') }} as customers on events.customer_key = customers.customer_key
    left join {{ ref('dim_circuit') }} as circuits on events.circuit_key = circuits.circuit_key

),

promises as (

    {{ sla_promises('opened', 'service_event_id') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

services as (

    select * from {{ ref('dim_service') }}

),

staff as (

    select * from {{ ref('dim_staff') }}

)

select
    -- keys
    {{ surrogate_key(['orders.work_order_id']) }} as work_order_key,
    coalesce(events.service_event_key, {{ unknown_key() }}) as service_event_key,
    coalesce(events.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(services.service_key, {{ unknown_key() }}) as service_key,
    coalesce(events.circuit_key, {{ unknown_key() }}) as circuit_key,
    coalesce(promises.sla_policy_key, {{ unknown_key() }}) as sla_policy_key,
    coalesce(staff.staff_key, {{ unknown_key() }}) as staff_key,
    orders.work_order_id,
    orders.service_event_id,

    -- attributes
    orders.work_order_type_code,
    orders.status_code,
    orders.is_onsite,
    orders.done_at is null as is_open,
    orders.done_at <= orders.promised_at as is_promise_met,

    -- measures
    {{ seconds_between('events.opened_at', 'orders.dispatched_at') }} as dispatch_s,
    {{ seconds_between('orders.dispatched_at', 'orders.accepted_at') }} as accept_s,
    {{ seconds_between('orders.accepted_at', 'orders.done_at') }} as work_s,
    {{ seconds_between('orders.done_at', 'orders.confirmed_at') }} as confirm_s,
    {{ seconds_between('events.opened_at', 'orders.done_at') }} as restore_s,
    cast(orders.message_count as bigint) as message_count,

    -- times
    events.opened_at,
    events.opened_at_local,
    events.opened_date,
    {%- for step in steps.values() %}
    orders.{{ step }}_at,
    orders.{{ step }}_at_local,
    {%- endfor %}
    orders.promised_at,
    orders.first_date as dispatched_date,
    cast(orders.done_at_local as date) as done_date,
    orders.file_date
from orders
left join events on orders.service_event_id = events.service_event_id
left join promises on orders.service_event_id = promises.service_event_id
left join orgs on orders.org_id = orgs.org_id and {{ valid_on('orgs', 'orders.first_date') }}
left join services on orders.service_code = services.service_code
left join staff on orders.staff_id = staff.staff_id
