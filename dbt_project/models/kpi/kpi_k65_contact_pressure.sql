-- One row per city and day: K65 contact pressure 营销接触压力: contacts beyond the number that a subscription may get
-- within 30 days (parameters contact_pressure_days, contact_pressure_limit), over contacts.
select
    'K65' as kpi_id,
    'day' as period_type,
    facts.event_date as period_start,
    orgs.org_id,
    cast(sum(case when facts.is_beyond_limit then 1 else 0 end) as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from {{ ref('fct_campaign_event') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.event_code = 'CONTACTED'
group by facts.event_date, orgs.org_id
