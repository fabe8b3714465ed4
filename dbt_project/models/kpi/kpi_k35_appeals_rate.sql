-- One row per city and month: K35 appeals per million 百万申诉率: appeals to the regulator opened over average
-- subscriptions (K05).
with numerators as (

    select
        {{ month_of('ticket_date') }} as period_start,
        org_id,
        opened_count as numerator
    from {{ ref('fct_ticket_day') }}
    where ticket_type_code = 'appeal'

)

{{ per_average_subscription('K35', 'numerators') }}
