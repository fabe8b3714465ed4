-- One row per city and day: K40 average speed of answer 平均应答时长: seconds waited by those answered over contacts
-- answered.
select
    'K40' as kpi_id,
    'day' as period_type,
    facts.contact_date as period_start,
    orgs.org_id,
    cast(sum(facts.wait_s) as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from {{ ref('fct_contact') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.is_handled
group by facts.contact_date, orgs.org_id
