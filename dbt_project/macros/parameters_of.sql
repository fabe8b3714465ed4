{# Today's value of parameters as one row, each under its own name, as a whole select.
   Example: rules as ({{ parameters_of(['re_entry_days', 'circle_days']) }}) #}
{% macro parameters_of(codes) -%}
    select
        {%- for code in codes %}
        max(case when parameter_code = '{{ code }}' then cast(parameter_value as int) end) as {{ code }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('parameters') }}
    where valid_to = cast('9999-12-31' as date)
{%- endmacro %}
