{# How an incremental model replaces its window: rows of the window, and of every partition that the
   new rows touch, go; the new rows come. A day that has become empty is emptied.
   Example (model yml): config: {materialized: incremental, unique_key: file_date, partition_by: file_date} #}
{% macro get_incremental_replace_window_sql(arg_dict) %}
    {{ return(adapter.dispatch('get_incremental_replace_window_sql')(arg_dict)) }}
{% endmacro %}

{% macro default__get_incremental_replace_window_sql(arg_dict) %}
    {%- set target, new = arg_dict['target_relation'], arg_dict['temp_relation'] -%}
    {%- set key, columns = arg_dict['unique_key'], get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    delete from {{ target }}
    where {{ in_window(key) }} or {{ key }} in (select distinct {{ key }} from {{ new }});
    insert into {{ target }} ({{ columns }}) select {{ columns }} from {{ new }}
{% endmacro %}
