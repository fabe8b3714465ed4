-- One row per city and day: K57 user throughput 用户速率: bits carried over the time that users' bearers were open, in
-- valid hours.
select
    'K57' as kpi_id,
    'day' as period_type,
    facts.measured_date as period_start,
    orgs.org_id,
    cast(8 * sum(facts.volume_down_bytes + facts.volume_up_bytes) as decimal(38, 6)) as numerator,
    cast(sum(facts.session_s) as decimal(38, 6)) as denominator
from {{ ref('fct_network_cell_hour') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.is_valid
group by facts.measured_date, orgs.org_id
