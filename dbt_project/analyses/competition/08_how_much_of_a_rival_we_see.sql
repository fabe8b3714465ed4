-- Question: How much of each rival do we see through calls? 通过话单能看到竞争对手的多大部分？
with seen as (
    select
        number_month as month,
        counterpart_operator_code as operator_code,
        sum(closing_count) as numbers_seen
    from competition.fct_competitor_stock_month
    group by all
),

known as (
    select
        market_month as month,
        operator_code,
        sum(subscription_count) as subscriptions
    from competition.fct_market_operator_month
    where source_code = 'REG' and not is_own
    group by all
)

select
    known.month,
    known.operator_code,
    known.subscriptions,
    seen.numbers_seen,
    round(seen.numbers_seen / nullif(known.subscriptions, 0), 3) as numbers_seen_per_subscription
from known
left join seen on known.month = seen.month and known.operator_code = seen.operator_code
order by known.operator_code, known.month
