-- One row per status change of a ticket, as its latest version lists them.
with versions as (

    select
        *,
        dense_rank() over (
            partition by ticket_id
            order by changed_at desc, file_date desc, source_file desc, line_number desc
        ) as version_number
    from {{ ref('stg_call_center__ticket_step') }}

),

steps as (

    select
        *,
        lag(status_code) over (partition by ticket_id order by step_number) as last_status_code,
        lag(status_changed_at) over (partition by ticket_id order by step_number) as last_status_changed_at
    from versions
    where version_number = 1

),

tickets as (

    select
        ticket_key,
        ticket_id,
        customer_key,
        subscription_key,
        org_key,
        reason_key
    from {{ ref('fct_ticket') }}

)

select
    -- keys
    {{ surrogate_key(['steps.ticket_id', 'steps.step_number']) }} as ticket_step_key,
    tickets.ticket_key,
    tickets.customer_key,
    tickets.subscription_key,
    tickets.org_key,
    tickets.reason_key,
    steps.ticket_id,
    steps.step_number,

    -- attributes
    steps.status_code,
    steps.last_status_code,
    steps.change_reason,

    -- measures
    {{ seconds_between('steps.last_status_changed_at', 'steps.status_changed_at') }} as last_status_s,

    -- times and lineage
    steps.status_changed_at,
    steps.status_changed_at_local,
    cast(steps.status_changed_at_local as date) as step_date,
    steps.source_file,
    steps.line_number,
    steps.file_date
from steps
inner join tickets on steps.ticket_id = tickets.ticket_id
