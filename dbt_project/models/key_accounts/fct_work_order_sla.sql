-- One row per work order and step that its promise limits, on the clock of the promise: around the clock for faults, in
-- working time for requests. Exactly on the limit is kept. A step that has not ended is judged at the end of the last
-- day delivered: overdue once the limit has passed.
{% set steps = {
    'DISPATCH': ('opened_at', 'dispatched_at', 'dispatch_limit_min', '60'),
    'ACCEPT': ('dispatched_at', 'accepted_at', 'accept_limit_min', '60'),
    'RESTORE': ('opened_at', 'done_at', 'restore_limit_h', '3600'),
    'CONFIRM': ('done_at', 'confirmed_at', 'confirm_limit_min', '60'),
    'FEEDBACK': ('opened_at', 'accepted_at', 'feedback_limit_days', 'opened_days.workday_s'),
    'DONE': ('opened_at', 'done_at', 'done_limit_days', 'opened_days.workday_s'),
} -%}

with feeds as (

    select cast({{ add_days('max(last_file_date)', 1) }} as timestamp) as known_until_local
    from {{ ref('ops_feed') }}

),

orders as (

    select
        work_orders.*,
        feeds.known_until_local,
        {{ add_seconds(
            'feeds.known_until_local', seconds_between('work_orders.opened_at_local', 'work_orders.opened_at')
        ) }} as known_until
    from {{ ref('fct_work_order') }} as work_orders
    cross join feeds
    where work_orders.opened_at is not null

),

policies as (

    select * from {{ ref('dim_sla_policy') }}

),

calendar as (

    select * from {{ ref('dim_work_calendar') }}

),

steps as (
    {% for step, (begins, ends, limit, unit_s) in steps.items() %}
    select
        orders.work_order_key,
        orders.customer_key,
        orders.org_key,
        orders.service_key,
        orders.circuit_key,
        orders.sla_policy_key,
        orders.staff_key,
        orders.work_order_id,
        '{{ step }}' as step_code,
        orders.work_order_type_code,
        policies.calendar_code,
        cast(policies.{{ limit }} * {{ unit_s }} as bigint) as limit_s,
        orders.{{ begins }} as begun_at,
        orders.{{ begins }}_local as begun_at_local,
        orders.{{ ends }} as done_at,  -- noqa: AL09
        coalesce(orders.{{ ends }}, orders.known_until) as judged_at,
        coalesce(orders.{{ ends }}_local, orders.known_until_local) as judged_at_local,
        orders.opened_date
    from orders
    inner join policies on orders.sla_policy_key = policies.sla_policy_key and policies.{{ limit }} is not null
    left join calendar as opened_days on orders.opened_date = opened_days.calendar_date  -- noqa: ST11
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

elapsed as (

    select
        steps.*,
        case
            when steps.calendar_code = 'WORK'
                then {{ work_clock('last_days', 'steps.judged_at_local') }}
                    - {{ work_clock('first_days', 'steps.begun_at_local') }}
            else {{ seconds_between('steps.begun_at', 'steps.judged_at') }}
        end as elapsed_s
    from steps
    left join calendar as first_days on cast(steps.begun_at_local as date) = first_days.calendar_date
    left join calendar as last_days on cast(steps.judged_at_local as date) = last_days.calendar_date

)

select
    -- keys
    {{ surrogate_key(['work_order_id', 'step_code']) }} as work_order_sla_key,
    work_order_key,
    customer_key,
    org_key,
    service_key,
    circuit_key,
    sla_policy_key,
    staff_key,
    work_order_id,

    -- attributes
    step_code,
    work_order_type_code,
    calendar_code,
    case
        when begun_at is null then 'not_started'
        when elapsed_s <= limit_s and done_at is not null then 'met'
        when done_at is not null then 'missed'
        when elapsed_s <= limit_s then 'running'
        else 'overdue'
    end as status_code,
    begun_at is not null and (done_at is not null or elapsed_s > limit_s) as is_due,
    coalesce(begun_at is not null and done_at is not null and elapsed_s <= limit_s, false) as is_met,

    -- measures
    limit_s,
    cast(case when begun_at is not null then elapsed_s end as bigint) as elapsed_s,
    cast(case when elapsed_s > limit_s then elapsed_s - limit_s end as bigint) as late_s,

    -- times
    begun_at,
    done_at,
    opened_date
from elapsed
