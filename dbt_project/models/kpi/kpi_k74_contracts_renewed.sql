-- One row per city and month: K74 contracts renewed 合同续签率: renewed over run out in the month.
select
    'K74' as kpi_id,
    'month' as period_type,
    {{ month_of('facts.expired_on') }} as period_start,
    orgs.org_id,
    cast(count(case when facts.is_renewed then 1 end) as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from {{ ref('fct_contract') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.expired_on is not null
group by {{ month_of('facts.expired_on') }}, orgs.org_id
