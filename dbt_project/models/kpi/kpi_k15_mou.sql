-- One row per city and month: K15 MOU 每用户平均通话分钟: billed minutes over average subscriptions (K05).
with numerators as (

    select
        {{ month_of('event_date') }} as period_start,
        org_id,
        billed_minutes as numerator
    from {{ ref('fct_usage_day') }}
    where not is_excluded

)

{{ per_average_subscription('K15', 'numerators') }}
