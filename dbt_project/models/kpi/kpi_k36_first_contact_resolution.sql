-- One row per city and month: K36 first-contact resolution 首次解决率: issues served without a repeat on any channel
-- within 7 days over issues served, by the month of their first contact.
select
    'K36' as kpi_id,
    'month' as period_type,
    {{ month_of('facts.begun_date') }} as period_start,
    orgs.org_id,
    cast(count(case when facts.is_solved_at_first_contact then 1 end) as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from {{ ref('fct_contact_issue') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.is_served and facts.is_final
group by {{ month_of('facts.begun_date') }}, orgs.org_id
