-- Question: Which packages drive the volume, per subscription? 哪些套餐带来使用量？
select
    offers.offer_name,
    count(distinct months.subscription_id) as subscriptions,
    round(sum(months.billed_minutes) / nullif(count(distinct months.subscription_id), 0)) as minutes_each,
    round(sum(months.up_bytes + months.down_bytes) / 1073741824.0 / nullif(count(distinct months.subscription_id), 0), 2)
        as gb_each,
    sum(months.rated_amt) as charged_beyond_package_amt
from usage.fct_usage_month as months
inner join dim.dim_subscription as subscriptions on months.subscription_key = subscriptions.subscription_key
inner join dim.dim_offer as offers on subscriptions.offer_id = offers.offer_id
where months.month_start_date = (select max(month_start_date) from usage.fct_usage_month)
group by all
order by gb_each desc, offers.offer_name
