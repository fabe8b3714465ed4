{# Data tests of large incremental models look at the window of the run only, like the models themselves:
   a `where` that ends with "<column> in window" stands for in_window(column), rendered when the test runs.
   Any other `where` is taken as SQL. A run without a window tests everything.
   Example: config: {where: "record_kind_code = 'rated_data' and file_date in window"} #}
{% macro get_where_subquery(relation) -%}
    {%- set where = config.get('where', '') or '' -%}
    {%- if where.endswith(' in window') -%}
        {%- set words = where[: -(' in window' | length)].split(' ') -%}
        {%- set where = words[:-1] | join(' ') ~ ' ' ~ in_window(words[-1]) -%}
    {%- endif -%}
    {%- if where -%}
        {%- do return('(select * from ' ~ relation ~ ' where ' ~ where ~ ') as tested') -%}
    {%- else -%}
        {%- do return(relation) -%}
    {%- endif -%}
{%- endmacro %}
