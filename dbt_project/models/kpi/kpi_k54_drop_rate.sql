-- One row per city and day: K54 drop rate 掉话率: abnormal bearer releases over bearer releases, in valid hours.
select
    'K54' as kpi_id,
    'day' as period_type,
    facts.measured_date as period_start,
    orgs.org_id,
    cast(sum(facts.bearer_drop_count) as decimal(38, 6)) as numerator,
    cast(sum(facts.bearer_release_count) as decimal(38, 6)) as denominator
from {{ ref('fct_network_cell_hour') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.is_valid
group by facts.measured_date, orgs.org_id
