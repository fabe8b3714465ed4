-- Question: Which packages drive the volume, per subscription? 哪些套餐带来使用量？
select
    offers.offer_name,
    count(distinct days.subscription_id) as subscriptions,
    round(sum(days.billed_minutes) / nullif(count(distinct days.subscription_id), 0)) as minutes_each,
    round(sum(days.up_bytes + days.down_bytes) / 1073741824.0 / nullif(count(distinct days.subscription_id), 0), 2)
        as gb_each,
    sum(days.rated_amt) as charged_beyond_package_amt
from usage.fct_usage_day as days
inner join dim.dim_subscription as subscriptions on days.subscription_key = subscriptions.subscription_key
inner join dim.dim_offer as offers on subscriptions.offer_id = offers.offer_id
where days.event_date >= (select date_trunc('month', max(event_date)) from usage.fct_usage_day)
group by all
order by gb_each desc, offers.offer_name
