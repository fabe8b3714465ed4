-- One row per survey asked for, accumulating: the invitation, and the scores once they were given. The response rate
-- of a wave is its answered invitations over all; a mean score goes with the number of answers behind it.
with invitations as (

    select
        *,
        cast(invited_at_local as date) as invited_date,
        {{ repeats_record(['invitation_id']) }} as is_copy
    from {{ ref('stg_call_center__survey_invitation') }}

),

answers as (

    select
        contact_id,
        wave_code,
        min(answered_at) as answered_at,
        max(case when question_code = 'SATISFACTION' then score end) as satisfaction_score,
        max(case when question_code = 'SATISFACTION' then scale_max end) as satisfaction_scale_max,
        max(case when question_code = 'RECOMMEND' then score end) as recommendation_score,
        max(case when question_code = 'RECOMMEND' then scale_max end) as recommendation_scale_max
    from {{ ref('fct_survey_response') }}
    group by contact_id, wave_code

),

subscriptions as (

    select * from {{ ref('dim_subscription') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

)

select
    -- keys
    {{ surrogate_key(['invitations.invitation_id']) }} as survey_invitation_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(subscriptions.subscription_key, {{ unknown_key() }}) as subscription_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    invitations.invitation_id,
    invitations.contact_id,

    -- attributes
    invitations.wave_code,
    answers.contact_id is not null as is_answered,

    -- measures
    answers.satisfaction_score,
    answers.satisfaction_scale_max,
    answers.recommendation_score,
    answers.recommendation_scale_max,

    -- times
    invitations.invited_at,
    invitations.invited_date,
    answers.answered_at,
    invitations.file_date
from invitations
left join answers on invitations.contact_id = answers.contact_id and invitations.wave_code = answers.wave_code
left join subscriptions on invitations.subscription_id = subscriptions.subscription_id
    and {{ valid_on('subscriptions', 'invitations.invited_date') }}
left join customers on coalesce(invitations.customer_id, subscriptions.customer_id) = customers.customer_id
    and {{ valid_on('customers', 'invitations.invited_date') }}
left join orgs on coalesce(subscriptions.org_id, customers.org_id) = orgs.org_id
    and {{ valid_on('orgs', 'invitations.invited_date') }}
where not invitations.is_copy
