{# Data tests of large incremental models look at what the run wrote, like the models themselves: a `where` that
   ends with "<column> since window" stands for is_rewritten(column), rendered when the test runs. Any other
   `where` is taken as SQL. A run without a window tests everything.
   Example: config: {where: "record_kind_code = 'rated_data' and file_date since window"} #}
{% macro get_where_subquery(relation) -%}
    {%- set where, mark = config.get('where', '') or '', ' since window' -%}
    {%- if where.endswith(mark) and execute -%}
        {%- set words = where[: -(mark | length)].split(' ') -%}
        {%- set node = graph.nodes.get('model.' ~ model.package_name ~ '.' ~ relation.identifier) -%}
        {%- set where = words[:-1] | join(' ') ~ ' ' ~ is_rewritten(words[-1], relation, node) -%}
    {%- endif -%}
    {%- if where -%}
        {%- do return('(select * from ' ~ relation ~ ' where ' ~ where ~ ') as tested') -%}
    {%- else -%}
        {%- do return(relation) -%}
    {%- endif -%}
{%- endmacro %}
