-- One row per city and month: K73 visits done 走访完成率: visits done over visits due in the month.
select
    'K73' as kpi_id,
    'month' as period_type,
    {{ month_of('facts.due_on') }} as period_start,
    orgs.org_id,
    cast(count(case when facts.is_done then 1 end) as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from {{ ref('fct_visit') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.visit_type_code = 'VISIT' and facts.is_due
group by {{ month_of('facts.due_on') }}, orgs.org_id
