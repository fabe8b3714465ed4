-- Question: What did the tariff change do to the calls of its customers, against all others? 资费调整前后的话务变化
-- Whole months before and after; the month in which prices changed half-way is left out.
with changes as (
    select offer_id, component_code, valid_from, unit_price_amt
    from dim.dim_tariff_version
    where tariff_version <> 'V1' and component_code = 'VOICE'
)
select
    subscriptions.offer_id = changes.offer_id as has_changed_tariff,
    months.month_start_date >= changes.valid_from as is_after,
    count(distinct months.month_start_date) as months,
    count(distinct months.subscription_id) as subscriptions,
    round(sum(months.billed_minutes) * 1.0 / count(distinct months.month_start_date)
        / count(distinct months.subscription_id), 1) as minutes_per_subscription_and_month,
    sum(months.rated_amt) as charged_amt
from usage.fct_usage_month as months
inner join dim.dim_subscription as subscriptions on months.subscription_key = subscriptions.subscription_key
cross join changes
where months.direction_code = 'MO' and not months.is_excluded
    and (months.month_start_date >= changes.valid_from
        or months.month_start_date + interval 1 month <= changes.valid_from)
group by all
order by has_changed_tariff, is_after
