{# What a promise limits, as a whole select: one row per document and step with a limit, timed on the clock of the promise
   (day and night, or working time). Exactly on the limit is kept. A step that has not ended is judged at
   known_until_local, the end of what was delivered: overdue once the limit has passed.
   `documents` is a CTE with one row per `key`, its sla_policy_key, opened_at, opened_date, known_until_local, and the
   times of `steps`: by step the columns with its begin and its end, each with its twin <column>_local.
   Example: with steps as ({{ sla_steps('tickets', 'ticket_id', {'ACCEPT': ('dispatched_at', 'accepted_at')}) }}) #}
{% macro sla_steps(documents, key, steps) -%}
    {%- set limits = {
        'DISPATCH': ('dispatch_limit_min', '60'),
        'ACCEPT': ('accept_limit_min', '60'),
        'RESTORE': ('restore_limit_h', '3600'),
        'CONFIRM': ('confirm_limit_min', '60'),
        'FEEDBACK': ('feedback_limit_days', 'opened_days.workday_s'),
        'DONE': ('done_limit_days', 'opened_days.workday_s'),
    } -%}
    with promised as (
        {% for step, (begins, ends) in steps.items() %}
        {%- set limit, unit_s = limits[step] %}
        select
            documents.{{ key }},
            '{{ step }}' as step_code,
            policies.calendar_code,
            cast(policies.{{ limit }} * {{ unit_s }} as bigint) as limit_s,
            documents.{{ begins }} as begun_at,
            documents.{{ begins }}_local as begun_at_local,
            documents.{{ ends }} as done_at, -- noqa: AL09
            documents.{{ ends }}_local as done_at_local, -- noqa: AL09
            documents.known_until_local,
            {{ seconds_between('documents.opened_at_local', 'documents.opened_at') }} as utc_offset_s
        from {{ documents }} as documents
        inner join {{ ref('dim_sla_policy') }} as policies on documents.sla_policy_key = policies.sla_policy_key
        left join {{ ref('dim_work_calendar') }} as opened_days on documents.opened_date = opened_days.calendar_date
        where policies.{{ limit }} is not null
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ),

    judged as (

        select
            *,
            coalesce(done_at, {{ add_seconds('known_until_local', 'utc_offset_s') }}) as judged_at,
            coalesce(done_at_local, known_until_local) as judged_at_local
        from promised

    ),

    timed as (

        select
            judged.*,
            case
                when judged.calendar_code = 'WORK'
                    then {{ work_clock('last_days', 'judged.judged_at_local') }}
                        - {{ work_clock('first_days', 'judged.begun_at_local') }}
                else {{ seconds_between('judged.begun_at', 'judged.judged_at') }}
            end as elapsed_s,
            case
                when judged.calendar_code = 'WORK'
                    then {{ work_clock('first_days', 'judged.begun_at_local') }} + judged.limit_s
            end as due_clock_s
        from judged
        left join {{ ref('dim_work_calendar') }} as first_days
            on cast(judged.begun_at_local as date) = first_days.calendar_date
        left join {{ ref('dim_work_calendar') }} as last_days
            on cast(judged.judged_at_local as date) = last_days.calendar_date

    ),

    -- The day on which the clock of working time reaches the limit.
    due as (

        select
            timed.*,
            case
                when timed.calendar_code = 'WORK' then {{ add_seconds(
                    'cast(due_days.calendar_date as timestamp)',
                    '(due_days.begins_s + timed.due_clock_s - due_days.worked_before_s)') }}
                else {{ add_seconds('timed.begun_at_local', 'timed.limit_s') }}
            end as due_at_local
        from timed
        left join {{ ref('dim_work_calendar') }} as due_days on timed.due_clock_s > due_days.worked_before_s
            and timed.due_clock_s <= due_days.worked_before_s + due_days.work_s

    )

    select
        {{ key }},
        step_code,
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
        limit_s,
        cast(case when begun_at is not null then elapsed_s end as bigint) as elapsed_s,
        cast(case when elapsed_s > limit_s then elapsed_s - limit_s end as bigint) as late_s,
        begun_at,
        begun_at_local,
        done_at,
        done_at_local,
        due_at_local,
        cast(due_at_local as date) as due_date
    from due
{%- endmacro %}
