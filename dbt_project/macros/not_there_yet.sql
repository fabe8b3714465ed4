{# What an incremental model adds to its window: the values of its key that it does not hold at all. For months whose
   features close only when a file of a later month comes.
   Example: where {{ since_window('as_of_date', lookback_days=10) }} {{ not_there_yet('as_of_date') }} #}
{% macro not_there_yet(key) -%}
    {%- if is_incremental() -%}
    or {{ key }} not in (select {{ key }} from {{ this }})
    {%- endif -%}
{%- endmacro %}
