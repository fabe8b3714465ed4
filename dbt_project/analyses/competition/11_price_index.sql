-- Question: Are we dearer than the rivals, and what did their price moves change? 与竞争对手相比的资费指数如何？
select
    market_month,
    operator_code,
    round(avg(basket_price_amt), 2) as rival_basket_yuan,
    round(avg(own_basket_price_amt), 2) as own_basket_yuan,
    round(sum(own_basket_price_amt) / nullif(sum(basket_price_amt), 0), 3) as price_index
from competition.fct_market_operator_month
where source_code = 'SURV' and not is_own
group by all
order by operator_code, market_month
