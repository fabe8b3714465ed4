-- One row per city, measure and month: K33 interconnect balance 网间差额: what goes out to other networks less what comes
-- in: minutes, messages, and what we pay less what we receive (FEE, yuan).
{% set parts = {
    'MINUTES': ('settled_quantity', "service_code = 'VOICE'"), 'MESSAGES': ('settled_quantity', "service_code = 'SMS'"),
    'FEE': ('fee_amt', '1 = 1'),
} -%}
{% for breakdown, (measure, condition) in parts.items() %}
select
    'K33' as kpi_id,
    'month' as period_type,
    {{ month_of('event_date') }} as period_start,
    org_id,
    '{{ breakdown }}' as breakdown_code,
    cast(sum(case direction_code when 'OUT' then {{ measure }} else -{{ measure }} end) as decimal(38, 6)) as numerator,
    cast(null as decimal(38, 6)) as denominator
from {{ ref('fct_interconnect_day') }}
where {{ condition }}
group by {{ month_of('event_date') }}, org_id
{{ 'union all' if not loop.last }}
{%- endfor %}
