-- One row per city and day: K41 occupancy 坐席利用率: talk, hold and wrap seconds over these and the seconds waiting for
-- a contact, by the agent's unit.
select
    'K41' as kpi_id,
    'day' as period_type,
    facts.interval_date as period_start,
    orgs.org_id,
    cast(sum(facts.talk_s + facts.hold_s + facts.wrap_s) as decimal(38, 6)) as numerator,
    cast(sum(facts.talk_s + facts.hold_s + facts.wrap_s + facts.available_s) as decimal(38, 6)) as denominator
from {{ ref('fct_agent_interval') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
group by facts.interval_date, orgs.org_id
