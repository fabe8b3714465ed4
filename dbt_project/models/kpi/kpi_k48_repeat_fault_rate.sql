-- One row per city and month: K48 repeat-fault rate 重复障碍率: fault tickets of subscriptions that had one in the 30
-- days before (parameter repeat_fault_days) over fault tickets opened.
select
    'K48' as kpi_id,
    'month' as period_type,
    {{ month_of('facts.opened_date') }} as period_start,
    orgs.org_id,
    cast(count(case when facts.is_repeat_fault then 1 end) as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from {{ ref('fct_ticket') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.ticket_type_code = 'fault'
group by {{ month_of('facts.opened_date') }}, orgs.org_id
