-- One row per city and month: K44 closed in 24 hours 24小时办结率: tickets ended within 24 hours of opening (parameter
-- close_limit_h) over tickets ended.
select
    'K44' as kpi_id,
    'month' as period_type,
    {{ month_of('facts.ended_date') }} as period_start,
    orgs.org_id,
    cast(count(case when facts.open_s <= 3600 * limits.parameter_value then 1 end) as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from {{ ref('fct_ticket') }} as facts
inner join {{ ref('parameters') }} as limits
    on limits.parameter_code = 'close_limit_h' and {{ valid_on('limits', 'facts.ended_date') }}
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.ended_date is not null
group by {{ month_of('facts.ended_date') }}, orgs.org_id
