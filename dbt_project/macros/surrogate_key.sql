{# The key of a row: 32 hexadecimal digits, the same on every engine as long as the columns are
   text, whole numbers, dates, timestamps or decimals (never doubles: their text differs).
   Example: {{ surrogate_key(['subscription_id', 'valid_from']) }} as subscription_key #}
{% macro surrogate_key(columns) -%}
    md5(concat_ws('|'
    {%- for column in columns %}, coalesce(cast({{ column }} as string), ''){% endfor %}))
{%- endmacro %}
