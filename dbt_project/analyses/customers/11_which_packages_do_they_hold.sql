-- Question: How are the subscriptions spread over the packages, and where do they move? 用户在各套餐的分布与迁移
with held as (
    select offers.offer_name, months.month_start_date, count(*) as subscriptions
    from customers.fct_subscription_month as months
    inner join dim.dim_offer as offers on months.offer_key = offers.offer_key
    where months.is_counted
    group by all
)
select
    offer_name,
    month_start_date,
    subscriptions,
    subscriptions - lag(subscriptions) over (partition by offer_name order by month_start_date) as change_count,
    round(100.0 * subscriptions / sum(subscriptions) over (partition by month_start_date), 2) as share_pct
from held
order by month_start_date desc, subscriptions desc, offer_name
