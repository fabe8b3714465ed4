-- One row per city, step and month: K47 steps within the limit 环节及时率: dispatched within 15 minutes, accepted within
-- 30, confirmed within 15, answered within 1 working day, done within 3, over the steps whose limit counts.
select
    'K47' as kpi_id,
    'month' as period_type,
    {{ month_of('facts.due_date') }} as period_start,
    orgs.org_id,
    facts.step_code as breakdown_code,
    cast(count(case when facts.is_met then 1 end) as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from {{ ref('fct_ticket_sla') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.step_code <> 'RESTORE' and facts.is_due
group by {{ month_of('facts.due_date') }}, orgs.org_id, facts.step_code
