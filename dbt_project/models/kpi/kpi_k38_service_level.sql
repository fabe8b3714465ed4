-- One row per city and day: K38 service level 20秒接通率: contacts answered within 20 seconds of waiting (parameter
-- answer_limit_s) over contacts that reached a queue.
select
    'K38' as kpi_id,
    'day' as period_type,
    facts.contact_date as period_start,
    orgs.org_id,
    cast(count(case when facts.is_handled and facts.wait_s <= limits.parameter_value then 1 end)
        as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from {{ ref('fct_contact') }} as facts
inner join {{ ref('parameters') }} as limits
    on limits.parameter_code = 'answer_limit_s' and {{ valid_on('limits', 'facts.contact_date') }}
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.outcome_code <> 'self_served'
group by facts.contact_date, orgs.org_id
