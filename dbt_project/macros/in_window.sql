{# True for rows inside the window of this run: from_date inclusive, to_date exclusive.
   lookback_days widens the window backwards, for models that need history to judge a day.
   Example: where {{ in_window('file_date', lookback_days=3) }} #}
{% macro in_window(column, lookback_days=0) -%}
    {%- set first = modules.datetime.date.fromisoformat(var('from_date') | string) -%}
    {%- set last = modules.datetime.date.fromisoformat(var('to_date') | string) -%}
    ({{ column }} >= cast('{{ first - modules.datetime.timedelta(days=lookback_days) }}' as date) and {{ column }} < cast('{{ last }}' as date))
{%- endmacro %}
