-- One row per city and month: K62 SLA credits due 应赔付金额: credits for circuits that missed their availability.
select
    'K62' as kpi_id,
    'month' as period_type,
    facts.month_start_date as period_start,
    orgs.org_id,
    cast(sum(facts.credit_amt) as decimal(38, 6)) as numerator,
    cast(null as decimal(38, 6)) as denominator
from {{ ref('fct_circuit_month') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
group by facts.month_start_date, orgs.org_id
