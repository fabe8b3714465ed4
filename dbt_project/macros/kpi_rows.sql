{# The rows of all KPIs of one period grain, joined by union all; the KPIs of themes that are off are left out.
   Example: {{ kpi_rows('day') }} #}
{% macro kpi_rows(period_grain) -%}
    {%- set kpis = [] %}
    {%- for kpi in kpi_models() if kpi.period_grain == period_grain and themes_are_on(kpi.themes) %}
    {%- do kpis.append(kpi) %}
    {%- endfor %}
    {%- for kpi in kpis %}
    select
        kpi_id,
        {{ kpi.definition_version }} as definition_version,
        {{ 'breakdown_code' if kpi.breakdown else "'ALL'" }} as breakdown_code,
        '{{ kpi.rollup }}' as rollup_code,
        coalesce(org_id, '?') as org_id,
        numerator,
        denominator,
        period_start
    from {{ ref(kpi.model) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
