-- The shares of the operators of one city, month and source add up to 100 %, every operator that the source knows is
-- there once, and we are among them.
with markets as (

    select
        market_month,
        source_code,
        org_id,
        count(*) as operator_count,
        count(distinct operator_code) as named_count,
        sum(case when is_own then 1 else 0 end) as own_count,
        sum(subscription_count) as subscription_count,
        max(market_subscription_count) as market_subscription_count
    from {{ ref('fct_market_operator_month') }}
    group by market_month, source_code, org_id

),

most as (

    select
        market_month,
        source_code,
        max(operator_count) as operator_count
    from markets
    group by market_month, source_code

)

select markets.*
from markets
inner join most on markets.market_month = most.market_month and markets.source_code = most.source_code
where
    markets.operator_count <> most.operator_count
    or markets.named_count <> markets.operator_count
    or markets.own_count <> 1
    or markets.subscription_count <> markets.market_subscription_count
