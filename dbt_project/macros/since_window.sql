{# True for rows from the first day of this run's window on, without an end: for models in which a day
   depends on all days before it, so that a day delivered again renews every later day too.
   lookback_days begins that many days earlier.
   Example: where {{ since_window('snapshot_date') }} #}
{% macro since_window(column, lookback_days=0) -%}
    {%- set first = modules.datetime.date.fromisoformat(var('from_date') | string) -%}
    ({{ column }} >= cast('{{ first - modules.datetime.timedelta(days=lookback_days) }}' as date))
{%- endmacro %}
