-- One row per ticket and step that its promise limits: how long the step took on the clock of the promise, and whether
-- that kept the limit; exactly on the limit is kept. A step that has not ended is judged at the end of the last day
-- delivered: overdue once the limit has passed.
{% set steps = {
    'DISPATCH': ('opened_at', 'dispatched_at', 'dispatch_limit_min', '60'),
    'ACCEPT': ('dispatched_at', 'accepted_at', 'accept_limit_min', '60'),
    'RESTORE': ('opened_at', 'restored_at', 'restore_limit_h', '3600'),
    'CONFIRM': ('repaired_at', 'confirmed_at', 'confirm_limit_min', '60'),
    'FEEDBACK': ('opened_at', 'accepted_at', 'feedback_limit_days', 'tickets.workday_s'),
    'DONE': ('opened_at', 'ended_at', 'done_limit_days', 'tickets.workday_s'),
} -%}

with feeds as (

    select cast({{ add_days('max(last_file_date)', 1) }} as timestamp) as known_until_local
    from {{ ref('ops_feed') }}
    where contract_id = 'call_center__ticket'

),

calendar as (

    select * from {{ ref('dim_work_calendar') }}

),

tickets as (

    select
        tickets.*,
        opened_days.workday_s,
        feeds.known_until_local,
        {{ add_seconds('feeds.known_until_local', seconds_between('tickets.opened_at_local', 'tickets.opened_at')) }}
            as known_until
    from {{ ref('fct_ticket') }} as tickets
    cross join feeds
    left join calendar as opened_days on tickets.opened_date = opened_days.calendar_date

),

policies as (

    select * from {{ ref('dim_sla_policy') }}

),

steps as (
    {% for step, (begins, ends, limit, unit_s) in steps.items() %}
    select
        tickets.ticket_key,
        tickets.customer_key,
        tickets.subscription_key,
        tickets.org_key,
        tickets.service_key,
        tickets.sla_policy_key,
        tickets.handler_staff_key,
        tickets.reason_key,
        tickets.ticket_id,
        '{{ step }}' as step_code,
        tickets.ticket_type_code,
        tickets.customer_grade_code,
        tickets.is_green_channel,
        policies.calendar_code,
        cast(policies.{{ limit }} * {{ unit_s }} as bigint) as limit_s,
        tickets.{{ begins }} as begun_at,
        tickets.{{ begins }}_local as begun_at_local,
        tickets.{{ ends }} as done_at,
        tickets.{{ ends }}_local as done_at_local,
        tickets.known_until,
        tickets.known_until_local,
        tickets.opened_date
    from tickets
    inner join policies on tickets.sla_policy_key = policies.sla_policy_key and policies.{{ limit }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

timed as (

    select
        steps.*,
        coalesce(steps.done_at, steps.known_until) as judged_at,
        coalesce(steps.done_at_local, steps.known_until_local) as judged_at_local
    from steps

),

elapsed as (

    select
        timed.*,
        case
            when timed.calendar_code = 'WORK'
                then {{ work_clock('last_days', 'timed.judged_at_local') }}
                    - {{ work_clock('first_days', 'timed.begun_at_local') }}
            else {{ seconds_between('timed.begun_at', 'timed.judged_at') }}
        end as elapsed_s,
        case
            when timed.calendar_code = 'WORK'
                then {{ work_clock('first_days', 'timed.begun_at_local') }} + timed.limit_s
        end as due_clock_s
    from timed
    left join calendar as first_days on cast(timed.begun_at_local as date) = first_days.calendar_date
    left join calendar as last_days on cast(timed.judged_at_local as date) = last_days.calendar_date

),

-- The day on which the clock of working time reaches the limit.
due as (

    select
        elapsed.*,
        case
            when elapsed.calendar_code = 'WORK' then {{ add_seconds(
                'cast(due_days.calendar_date as timestamp)',
                '(due_days.begins_s + elapsed.due_clock_s - due_days.worked_before_s)') }}
            else {{ add_seconds('elapsed.begun_at_local', 'elapsed.limit_s') }}
        end as due_at_local
    from elapsed
    left join calendar as due_days on elapsed.due_clock_s > due_days.worked_before_s
        and elapsed.due_clock_s <= due_days.worked_before_s + due_days.work_s

)

select
    -- keys
    {{ surrogate_key(['ticket_id', 'step_code']) }} as ticket_sla_key,
    ticket_key,
    customer_key,
    subscription_key,
    org_key,
    service_key,
    sla_policy_key,
    handler_staff_key,
    reason_key,
    ticket_id,

    -- attributes
    step_code,
    ticket_type_code,
    customer_grade_code,
    is_green_channel,
    calendar_code,
    case
        when begun_at is null then 'not_started'
        when elapsed_s <= limit_s and done_at is not null then 'met'
        when done_at is not null then 'missed'
        when elapsed_s <= limit_s then 'running'
        else 'overdue'
    end as status_code,
    begun_at is not null and (done_at is not null or elapsed_s > limit_s) as is_due,
    coalesce(done_at is not null and elapsed_s <= limit_s, false) as is_met,

    -- measures
    limit_s,
    cast(case when begun_at is not null then elapsed_s end as bigint) as elapsed_s,
    cast(case when elapsed_s > limit_s then elapsed_s - limit_s end as bigint) as late_s,

    -- times
    begun_at,
    begun_at_local,
    done_at,
    done_at_local,
    due_at_local,
    opened_date,
    cast(due_at_local as date) as due_date
from due
