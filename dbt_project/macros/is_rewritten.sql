{# True for the rows of an incremental model that this run replaces: those of its window, which `lookback_days` in the
   model's meta begins that many days earlier, and those of every key of which a row rests on files from the window on
   (`last_file_date`): a key whose files lost all its rows must not keep them. `node` is the model in dbt's graph.
   The same rule tells data tests what the run wrote.
   Example: delete from {{ target }} where {{ is_rewritten('event_date', target, node) }} #}
{% macro is_rewritten(key, relation, node) -%}
    {%- set lookback_days = ((node or {}).get('config', {}).get('meta') or {}).get('lookback_days', 0) -%}
    {%- set rests_on_files = key != 'file_date' and 'last_file_date' in (node or {}).get('columns', {}) -%}
    ({{ in_window(key, lookback_days) }}
    {%- if rests_on_files %} or {{ key }} in (
        select {{ key }} from {{ relation }} where {{ since_window('last_file_date') }}
    )
    {%- endif %})
{%- endmacro %}
