-- One row per city, view and day: K51 availability 网络可用率: seconds in service over seconds measured, planned works
-- counted as out of service (PLANNED_IN) or left out of both (PLANNED_OUT).
{% set parts = {
    'PLANNED_IN': ('facts.measured_s - facts.unavailable_s', 'facts.measured_s'),
    'PLANNED_OUT': ('facts.measured_s - facts.unavailable_s', 'facts.measured_s - facts.planned_unavailable_s'),
} -%}
{% for breakdown, (numerator, denominator) in parts.items() %}
select
    'K51' as kpi_id,
    'day' as period_type,
    facts.measured_date as period_start,
    orgs.org_id,
    '{{ breakdown }}' as breakdown_code,
    cast(sum({{ numerator }}) as decimal(38, 6)) as numerator,
    cast(sum({{ denominator }}) as decimal(38, 6)) as denominator
from {{ ref('fct_cell_availability_day') }} as facts
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
group by facts.measured_date, orgs.org_id
{{ 'union all' if not loop.last }}
{%- endfor %}
