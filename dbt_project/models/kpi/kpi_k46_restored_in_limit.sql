-- One row per city, customer grade and month: K46 restored within the limit 故障恢复及时率: fault tickets restored within
-- the limit promised over those whose limit counts, by the month in which it falls due.
select
    'K46' as kpi_id,
    'month' as period_type,
    {{ month_of('facts.due_date') }} as period_start,
    orgs.org_id,
    coalesce(facts.customer_grade_code, '?') as breakdown_code,
    cast(count(case when facts.is_met then 1 end) as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from {{ ref('fct_ticket_sla') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.step_code = 'RESTORE' and facts.is_due
group by {{ month_of('facts.due_date') }}, orgs.org_id, coalesce(facts.customer_grade_code, '?')
