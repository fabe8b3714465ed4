-- One row per city and month: K52 mean time between failures 平均无故障时间: seconds in service over service-affecting
-- alarms raised that are not planned.
select
    'K52' as kpi_id,
    'month' as period_type,
    {{ month_of('facts.measured_date') }} as period_start,
    orgs.org_id,
    cast(sum(facts.measured_s - facts.unavailable_s) as decimal(38, 6)) as numerator,
    cast(sum(facts.failure_count) as decimal(38, 6)) as denominator
from {{ ref('fct_cell_availability_day') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
group by {{ month_of('facts.measured_date') }}, orgs.org_id
