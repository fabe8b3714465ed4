-- One row per city, direction and month: K08 number portability 携入携出: ports carried out to us (IN), from us (OUT), and
-- the first over the second (RATIO).
{% set parts = {
    'IN': ('IN', 'null'), 'OUT': ('OUT', 'null'),
    'RATIO': ('IN', "sum(case when port_type_code = 'OUT' then 1 else 0 end)"),
} -%}
{% for breakdown, (counted, denominator) in parts.items() %}
select
    'K08' as kpi_id,
    'month' as period_type,
    {{ month_of('completed_date') }} as period_start,
    org_id,
    '{{ breakdown }}' as breakdown_code,
    cast(sum(case when port_type_code = '{{ counted }}' then 1 else 0 end) as decimal(38, 6)) as numerator,
    cast({{ denominator }} as decimal(38, 6)) as denominator
from {{ ref('fct_port_request') }}
where is_completed and not is_excluded
group by {{ month_of('completed_date') }}, org_id
{{ 'union all' if not loop.last }}
{%- endfor %}
