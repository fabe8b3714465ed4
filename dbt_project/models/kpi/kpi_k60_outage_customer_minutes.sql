-- One row per city and day: K60 outage minutes of customers 故障影响客户分钟: minutes of unplanned outages times the
-- customers who used the cell in the week before, by the day on which they began.
select
    'K60' as kpi_id,
    'day' as period_type,
    facts.raised_date as period_start,
    orgs.org_id,
    cast(sum(facts.customer_minutes) as decimal(38, 6)) as numerator,
    cast(null as decimal(38, 6)) as denominator
from {{ ref('fct_outage_impact') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.duration_s is not null
group by facts.raised_date, orgs.org_id
