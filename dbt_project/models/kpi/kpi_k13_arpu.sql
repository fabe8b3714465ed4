-- One row per city and month: K13 ARPU 每用户平均收入: recognised revenue over average subscriptions (K05).
with numerators as (

    select
        revenue_month as period_start,
        org_id,
        recognised_amt as numerator
    from {{ ref('fct_revenue_month') }}
    where not is_excluded

)

{{ per_average_subscription('K13', 'numerators') }}
