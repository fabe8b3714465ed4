-- One row per city and month: K18 data revenue share 数据业务收入占比: net charges for mobile data over all net charges.
select
    'K18' as kpi_id,
    'month' as period_type,
    facts.billing_month as period_start,
    subscriptions.org_id,
    cast(sum(case when facts.charge_item_code = 'DATA' then facts.net_amt else 0 end) as decimal(38, 6)) as numerator,
    cast(sum(facts.net_amt) as decimal(38, 6)) as denominator
from {{ ref('fct_bill_charge') }} as facts
inner join {{ ref('dim_subscription') }} as subscriptions on facts.subscription_key = subscriptions.subscription_key
where not subscriptions.is_excluded
group by facts.billing_month, subscriptions.org_id
