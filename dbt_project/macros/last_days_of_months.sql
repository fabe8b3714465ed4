{# The last day of each month that a relation holds, as a derived table with one column, last_date.
   Example: left join {{ last_days_of_months(ref('fct_subscription_flow_day'), 'snapshot_date') }} as last_days on ... #}
{% macro last_days_of_months(relation, day) -%}
    (select max({{ day }}) as last_date from {{ relation }} group by {{ month_of(day) }})
{%- endmacro %}
