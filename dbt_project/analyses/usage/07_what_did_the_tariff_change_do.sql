-- Question: What did the tariff change do to the calls of its customers, against all others? 资费调整前后的话务变化
with changes as (
    select offer_id, component_code, valid_from, unit_price_amt
    from dim.dim_tariff_version
    where tariff_version <> 'V1' and component_code = 'VOICE'
)
select
    subscriptions.offer_id = changes.offer_id as has_changed_tariff,
    days.event_date >= changes.valid_from as is_after,
    count(distinct days.event_date) as days,
    count(distinct days.subscription_id) as subscriptions,
    round(sum(days.billed_minutes) * 1.0 / count(distinct days.event_date) / count(distinct days.subscription_id), 3)
        as minutes_per_subscription_and_day,
    sum(days.rated_amt) as charged_amt
from usage.fct_usage_day as days
inner join dim.dim_subscription as subscriptions on days.subscription_key = subscriptions.subscription_key
cross join changes
where days.direction_code = 'MO' and not days.is_excluded
group by all
order by has_changed_tariff, is_after
