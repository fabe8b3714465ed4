{# The rows of a CTE three times: for the city, the province and the headquarters of their org_key, with the unit in
   org_id. For KPIs that cannot be added up over cities (roll-up `own`): medians, shares of the top customers, products.
   Example: at_levels as ({{ at_every_level('orders', ['period_start', 'lead_s']) }}) #}
{% macro at_every_level(relation, columns) -%}
    {%- for level in ['city', 'province', 'hq'] %}
    select
        {%- for column in columns %}
        facts.{{ column }},
        {%- endfor %}
        coalesce({{ 'headquarters.hq_id' if level == 'hq' else 'orgs.' ~ level ~ '_id' }}, '?') as org_id
    from {{ relation }} as facts
    {%- if level == 'hq' %}
    cross join (select max(org_id) as hq_id from {{ ref('dim_org') }} where org_level_code = 'HQ') as headquarters
    {%- else %}
    left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
