-- One row per city and day: K39 abandon rate 放弃率: contacts given up while waiting over contacts that reached a queue.
select
    'K39' as kpi_id,
    'day' as period_type,
    facts.contact_date as period_start,
    orgs.org_id,
    cast(count(case when facts.is_abandoned then 1 end) as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from {{ ref('fct_contact') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.outcome_code <> 'self_served'
group by facts.contact_date, orgs.org_id
