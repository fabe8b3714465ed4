-- One row per city and day: K42 transfer rate 转接率: contacts transferred over contacts handled by an agent.
select
    'K42' as kpi_id,
    'day' as period_type,
    facts.contact_date as period_start,
    orgs.org_id,
    cast(count(case when facts.outcome_code = 'transferred' then 1 end) as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from {{ ref('fct_contact') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.is_handled
group by facts.contact_date, orgs.org_id
