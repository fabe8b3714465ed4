-- One row per port request, accumulating over its messages: asked for, approved, carried out or refused.
with messages as (

    select
        *,
        row_number() over (
            partition by port_id, state_code order by changed_at, file_date, source_file, line_number
        ) as copy_number,
        {{ is_newest(['port_id'], 'changed_at') }} as is_newest
    from {{ ref('stg_billing__port_message') }}

),

steps as (

    select
        port_id,
        max(subscription_id) as subscription_id,
        max(reject_reason_code) as reject_reason_code,
        min(requested_at) as requested_at,
        min(requested_at_local) as requested_at_local,
        min(case when state_code = 'approved' then changed_at end) as approved_at,
        min(case when state_code = 'completed' then coalesce(effective_at, changed_at) end) as completed_at,
        min(case when state_code = 'completed' then coalesce(effective_at_local, changed_at_local) end)
            as completed_at_local,
        min(case when state_code in ('rejected', 'cancelled') then changed_at end) as refused_at,
        count(*) as message_count,
        min(file_date) as first_file_date,
        max(file_date) as last_file_date
    from messages
    where copy_number = 1
    group by port_id

),

requests as (

    select
        steps.*,
        newest.port_type_code,
        newest.state_code,
        newest.donor_operator_code,
        newest.recipient_operator_code,
        case when newest.port_type_code = 'IN' then newest.donor_operator_code else newest.recipient_operator_code end
            as counterpart_operator_code,
        cast(steps.requested_at_local as date) as requested_date,
        cast(steps.completed_at_local as date) as completed_date,
        coalesce(cast(steps.completed_at_local as date), cast(steps.requested_at_local as date)) as as_of_date
    from steps
    inner join messages as newest on steps.port_id = newest.port_id and newest.is_newest

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

operators as (

    select * from {{ ref('dim_operator') }}

)

select
    -- keys
    {{ surrogate_key(['requests.port_id']) }} as port_request_key,
    coalesce(subscriptions.subscription_key, {{ unknown_key() }}) as subscription_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(operators.operator_key, {{ unknown_key() }}) as counterpart_operator_key,
    requests.port_id,
    requests.subscription_id,
    coalesce(subscriptions.org_id, '?') as org_id,

    -- attributes
    requests.port_type_code,
    requests.state_code,
    requests.donor_operator_code,
    requests.recipient_operator_code,
    requests.counterpart_operator_code,
    requests.reject_reason_code,
    requests.completed_at is not null as is_completed,
    requests.refused_at is not null as is_refused,
    requests.completed_at is null and requests.refused_at is null as is_open,
    coalesce(subscriptions.is_excluded, false) as is_excluded,

    -- measures
    {{ seconds_between('requests.requested_at', 'requests.completed_at') }} as completion_s,
    requests.message_count,

    -- times and lineage
    requests.requested_at,
    requests.requested_at_local,
    requests.requested_date,
    requests.approved_at,
    requests.completed_at,
    requests.completed_at_local,
    requests.completed_date,
    requests.refused_at,
    requests.first_file_date,
    requests.last_file_date
from requests
left join subscriptions on requests.subscription_id = subscriptions.subscription_id
    and {{ valid_on('subscriptions', 'requests.as_of_date') }}
left join customers on subscriptions.customer_id = customers.customer_id
    and {{ valid_on('customers', 'requests.as_of_date') }}
left join orgs on subscriptions.org_id = orgs.org_id and {{ valid_on('orgs', 'requests.as_of_date') }}
left join operators on requests.counterpart_operator_code = operators.operator_code
