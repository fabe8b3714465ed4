-- One row per city and month: K06 churn rate 离网率: subscriptions lost (K03) over average subscriptions (K05).
with numerators as (

    select
        {{ month_of('period_start') }} as period_start,
        org_id,
        numerator
    from {{ ref('kpi_k03_left') }}

)

{{ per_average_subscription('K06', 'numerators') }}
