-- One row per city and month: K09 re-entry share 重入网占比: new subscriptions whose customer gives up another number of
-- the same city within the days of parameter re_entry_days, over new subscriptions (K02).
select
    'K09' as kpi_id,
    'month' as period_type,
    facts.entry_month as period_start,
    orgs.org_id,
    cast(sum(case when facts.is_reentry then 1 else 0 end) as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from {{ ref('fct_new_subscription') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
group by facts.entry_month, orgs.org_id
