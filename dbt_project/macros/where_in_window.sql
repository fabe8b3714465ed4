{# Data tests of large incremental models look at what the run wrote, like the models themselves: a `where` that
   ends with "<column> since window" stands for is_rewritten(column), rendered when the test runs. Any other
   `where` is taken as SQL. A run without a window tests everything.
   Example: config: {where: "record_kind_code = 'rated_data' and file_date since window"} #}
{% macro get_where_subquery(relation) -%}
    {%- set where, mark = config.get('where', '') or '', ' since window' -%}
    {%- if where.endswith(mark) and execute -%}
        {%- set words = where[: -(mark | length)].split(' ') -%}
        {%- set where = words[:-1] | join(' ') ~ ' ' ~ was_rewritten(words[-1], relation) -%}
    {%- endif -%}
    {%- if where -%}
        {%- do return('(select * from ' ~ relation ~ ' where ' ~ where ~ ') as tested') -%}
    {%- else -%}
        {%- do return(relation) -%}
    {%- endif -%}
{%- endmacro %}

{# The same rule for the other side of a comparison: rows of the keys that the run wrote again in `relation`.
   Example: with_where: "{{ was_rewritten('event_date', ref('fct_usage_day')) }}" #}
{% macro was_rewritten(key, relation) -%}
    {%- set node = graph.nodes.get('model.' ~ project_name ~ '.' ~ relation.identifier) if execute -%}
    {{ is_rewritten(key, relation, node) }}
{%- endmacro %}
