-- One row per city and month of entry: K10 3-month survival of new 新增三个月保有率: those still counted at the end of the
-- third month, that of the entry being the first, over new subscriptions of the month; no row before that day.
select
    'K10' as kpi_id,
    'month' as period_type,
    facts.entry_month as period_start,
    orgs.org_id,
    cast(sum(case when facts.is_kept then 1 else 0 end) as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from {{ ref('fct_new_subscription') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.is_kept is not null
group by facts.entry_month, orgs.org_id
