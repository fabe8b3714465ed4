{# None of these columns is null in any row; one row per column that is, with how often. One test for a table's columns
   instead of dbt's not_null for each: the table is read once, and a test costs a build far more than a column does.
   Example: never_null: {arguments: {columns: [bill_key, account_key]}} #}
{% test never_null(model, columns) %}
with counted as (

    select
        {%- for column in columns %}
        sum(case when {{ column }} is null then 1 else 0 end) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ model }}

)
{% for column in columns %}
select
    '{{ column }}' as column_name,
    {{ column }} as row_count
from counted
where {{ column }} > 0
{{ 'union all' if not loop.last }}
{%- endfor %}
{% endtest %}
