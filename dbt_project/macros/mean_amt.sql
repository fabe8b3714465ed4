{# An amount divided by a count, rounded to fen half up, the same on every engine: halves of whole fen are exact.
   Example: {{ mean_amt('sum(net_amt)', 'count(*)') }} as mean_bill_amt #}
{% macro mean_amt(total, count) -%}
    cast({{ whole_number('cast(100 * ' ~ total ~ ' as double) / nullif(' ~ count ~ ', 0)') }} * 0.01 as decimal(18, 2))
{%- endmacro %}
