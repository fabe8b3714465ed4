-- One row per answer to one question of a survey; an answer delivered again within 3 days is left out.
with delivered as (

    select
        *,
        cast(answered_at_local as date) as answer_date,
        {{ repeats_record(['response_id', 'question_code'], within_days=3) }} as is_copy
    from {{ ref('stg_call_center__survey') }}
    where {{ since_window('file_date', lookback_days=3) }}

),

answers as (

    select * from delivered
    where not is_copy and {{ since_window('file_date') }}

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
    {{ surrogate_key(['answers.response_id', 'answers.question_code', 'answers.file_date']) }} as survey_response_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(subscriptions.subscription_key, {{ unknown_key() }}) as subscription_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    answers.response_id,
    answers.contact_id,
    answers.ticket_id,
    answers.customer_id,
    answers.subscription_id,

    -- attributes
    answers.wave_code,
    answers.question_code,

    -- measures
    answers.score,
    answers.scale_max,

    -- times and lineage
    answers.answered_at,
    answers.answered_at_local,
    answers.answer_date,
    answers.source_file,
    answers.line_number,
    answers.file_date
from answers
left join subscriptions on answers.subscription_id = subscriptions.subscription_id
    and {{ valid_on('subscriptions', 'answers.answer_date') }}
left join customers on coalesce(answers.customer_id, subscriptions.customer_id) = customers.customer_id
    and {{ valid_on('customers', 'answers.answer_date') }}
left join orgs on coalesce(subscriptions.org_id, customers.org_id) = orgs.org_id
    and {{ valid_on('orgs', 'answers.answer_date') }}
