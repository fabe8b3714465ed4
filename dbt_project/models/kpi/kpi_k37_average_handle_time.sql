-- One row per city and day: K37 average handle time 平均处理时长: talk, hold and wrap seconds over contacts
-- handled by an agent.
select
    'K37' as kpi_id,
    'day' as period_type,
    facts.contact_date as period_start,
    orgs.org_id,
    cast(sum(facts.handle_s) as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from {{ ref('fct_contact') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.is_handled
group by facts.contact_date, orgs.org_id
