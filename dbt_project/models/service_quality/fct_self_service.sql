-- One row per session of self-service; a session delivered again is left out. A session that was handed over to an
-- agent names the contact.
with delivered as (

    select
        *,
        cast(started_at_local as date) as session_date,
        {{ repeats_record(['session_id']) }} as is_copy
    from {{ ref('stg_call_center__self_service') }}

),

sessions as (

    select * from delivered
    where not is_copy

),

subscriptions as (

    select * from {{ ref('dim_subscription') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

reasons as (

    select * from {{ ref('dim_reason') }}
    where scheme_code = 'contact'

)

select
    -- keys
    {{ surrogate_key(['sessions.session_id']) }} as self_service_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(subscriptions.subscription_key, {{ unknown_key() }}) as subscription_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(reasons.reason_key, {{ unknown_key() }}) as reason_key,
    sessions.session_id,
    sessions.subscription_id,
    sessions.contact_id,

    -- attributes
    sessions.channel_code,
    sessions.topic_code,
    sessions.result_code,
    sessions.result_code = 'solved' as is_solved,

    -- measures
    {{ seconds_between('sessions.started_at', 'sessions.ended_at') }} as duration_s,
    sessions.step_count,

    -- times and lineage
    sessions.started_at,
    sessions.started_at_local,
    sessions.ended_at,
    sessions.ended_at_local,
    sessions.session_date,
    sessions.source_file,
    sessions.line_number,
    sessions.file_date
from sessions
left join subscriptions on sessions.subscription_id = subscriptions.subscription_id
    and {{ valid_on('subscriptions', 'sessions.session_date') }}
left join customers on subscriptions.customer_id = customers.customer_id
    and {{ valid_on('customers', 'sessions.session_date') }}
left join orgs on subscriptions.org_id = orgs.org_id
    and {{ valid_on('orgs', 'sessions.session_date') }}
left join reasons on sessions.topic_code = reasons.reason_code
