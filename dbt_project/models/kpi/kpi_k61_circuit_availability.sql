-- One row per city, circuit grade and month: K61 circuit availability 电路可用率: seconds up over seconds measured.
select
    'K61' as kpi_id,
    'month' as period_type,
    facts.month_start_date as period_start,
    orgs.org_id,
    facts.circuit_grade_code as breakdown_code,
    cast(sum(facts.up_s) as decimal(38, 6)) as numerator,
    cast(sum(facts.measured_s) as decimal(38, 6)) as denominator
from {{ ref('fct_circuit_month') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
group by facts.month_start_date, orgs.org_id, facts.circuit_grade_code
