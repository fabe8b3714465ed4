{# A model's schema is exactly what dbt_project.yml says, without the prefix that dbt would add. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ target.schema if custom_schema_name is none else custom_schema_name | trim }}
{%- endmacro %}
