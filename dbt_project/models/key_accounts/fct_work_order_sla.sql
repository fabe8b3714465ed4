-- One row per work order and step that its promise limits, on the clock of the promise: around the clock for faults, in
-- working time for requests. Exactly on the limit is kept. A step that has not ended is judged at the end of the last
-- day delivered: overdue once the limit has passed.
with feeds as (

    select cast({{ add_days('max(last_file_date)', 1) }} as timestamp) as known_until_local
    from {{ ref('ops_feed') }}

),

orders as (

    select
        work_orders.*,
        feeds.known_until_local
    from {{ ref('fct_work_order') }} as work_orders
    cross join feeds
    where work_orders.opened_at is not null

),

steps as (

    {{ sla_steps('orders', 'work_order_id', {
        'DISPATCH': ('opened_at', 'dispatched_at'),
        'ACCEPT': ('dispatched_at', 'accepted_at'),
        'RESTORE': ('opened_at', 'done_at'),
        'CONFIRM': ('done_at', 'confirmed_at'),
        'FEEDBACK': ('opened_at', 'accepted_at'),
        'DONE': ('opened_at', 'done_at'),
    }) }}

)

select
    -- keys
    {{ surrogate_key(['steps.work_order_id', 'steps.step_code']) }} as work_order_sla_key,
    orders.work_order_key,
    orders.customer_key,
    orders.org_key,
    orders.service_key,
    orders.circuit_key,
    orders.sla_policy_key,
    orders.staff_key,
    steps.work_order_id,

    -- attributes
    steps.step_code,
    orders.work_order_type_code,
    steps.calendar_code,
    steps.status_code,
    steps.is_due,
    steps.is_met,

    -- measures
    steps.limit_s,
    steps.elapsed_s,
    steps.late_s,

    -- times
    steps.begun_at,
    steps.begun_at_local,
    steps.done_at,
    steps.done_at_local,
    steps.due_at_local,
    orders.opened_date,
    steps.due_date
from steps
inner join orders on steps.work_order_id = orders.work_order_id
