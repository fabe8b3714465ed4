{# The dates that a model of event dates writes again, each in full: those that files from the window on bring, and
   those of its own rows that rest on such files (`last_file_date`), which a file sent again may have emptied.
   `key` is the model's unique_key, `date` what becomes of it in a row of `relation`, `file_date` the file of the row.
   Which rows go is told by `is_rewritten`.
   Example: touched_dates as ({{ touched_dates('event_date', ref('fct_usage_event'), 'event_date', 'file_date') }}) #}
{% macro touched_dates(key, relation, date, file_date) -%}
    select distinct {{ date }} as {{ key }} from {{ relation }}
    where {{ since_window(file_date) }} or {{ since_window(date) }}
    {%- if is_incremental() %}
    union
    select {{ key }} from {{ this }}
    where {{ since_window('last_file_date') }}
    {%- endif %}
{%- endmacro %}
