-- One row per ticket and step that its promise limits: how long the step took on the clock of the promise, and whether
-- that kept the limit; exactly on the limit is kept. A step that has not ended is judged at the end of the last day
-- delivered: overdue once the limit has passed.
with feeds as (

    select cast({{ add_days('max(last_file_date)', 1) }} as timestamp) as known_until_local
    from {{ ref('ops_feed') }}
    where contract_id = 'call_center__ticket'

),

tickets as (

    select
        tickets.*,
        feeds.known_until_local
    from {{ ref('fct_ticket') }} as tickets
    cross join feeds

),

steps as (

    {{ sla_steps('tickets', 'ticket_id', {
        'DISPATCH': ('opened_at', 'dispatched_at'),
        'ACCEPT': ('dispatched_at', 'accepted_at'),
        'RESTORE': ('opened_at', 'restored_at'),
        'CONFIRM': ('repaired_at', 'confirmed_at'),
        'FEEDBACK': ('opened_at', 'accepted_at'),
        'DONE': ('opened_at', 'ended_at'),
    }) }}

)

select
    -- keys
    {{ surrogate_key(['steps.ticket_id', 'steps.step_code']) }} as ticket_sla_key,
    tickets.ticket_key,
    tickets.customer_key,
    tickets.subscription_key,
    tickets.org_key,
    tickets.service_key,
    tickets.sla_policy_key,
    tickets.handler_staff_key,
    tickets.reason_key,
    steps.ticket_id,

    -- attributes
    steps.step_code,
    tickets.ticket_type_code,
    tickets.customer_grade_code,
    tickets.is_green_channel,
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
    tickets.opened_date,
    steps.due_date
from steps
inner join tickets on steps.ticket_id = tickets.ticket_id
