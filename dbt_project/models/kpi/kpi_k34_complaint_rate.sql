-- One row per city and month: K34 complaints per 10 000 万投比: complaint tickets opened over average
-- subscriptions (K05).
with numerators as (

    select
        {{ month_of('ticket_date') }} as period_start,
        org_id,
        opened_count as numerator
    from {{ ref('fct_ticket_day') }}
    where ticket_type_code = 'complaint'

)

{{ per_average_subscription('K34', 'numerators') }}
