{# How an incremental model replaces what a run writes: rows that `is_rewritten` names, and of every partition that
   the new rows touch, go; the new rows come. A day that has become empty is emptied.
   Example (model yml): config: {materialized: incremental, unique_key: file_date, partition_by: file_date} #}
{% macro get_incremental_replace_window_sql(arg_dict) %}
    {{ return(adapter.dispatch('get_incremental_replace_window_sql')(arg_dict)) }}
{% endmacro %}

{% macro default__get_incremental_replace_window_sql(arg_dict) %}
    {%- set target, new = arg_dict['target_relation'], arg_dict['temp_relation'] -%}
    {%- set key, columns = arg_dict['unique_key'], get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    delete from {{ target }}
    where {{ is_rewritten(key, target, model) }} or {{ key }} in (select distinct {{ key }} from {{ new }});
    insert into {{ target }} ({{ columns }}) select {{ columns }} from {{ new }}
{% endmacro %}

{# The same on Spark, where rows cannot be deleted: takes the place of dbt-spark's macro of this name, which
   replaces only partitions that get new rows. Partitions that are rewritten are dropped first. #}
{% macro get_insert_overwrite_sql(source_relation, target_relation, existing_relation) %}
    {%- set columns = adapter.get_columns_in_relation(target_relation) | map(attribute='quoted') | join(', ') -%}
    {% do drop_window_partitions(target_relation, config.get('partition_by')) %}
    insert overwrite table {{ target_relation }} {{ partition_cols(label='partition') }}
    select {{ columns }} from {{ source_relation }}
{% endmacro %}

{% macro drop_window_partitions(relation, key) %}
    {% set rewritten = 'select distinct ' ~ key ~ ' from ' ~ relation ~ ' where ' ~ is_rewritten(key, relation, model) %}
    {% for row in run_query(rewritten).rows %}
        {% do run_query('alter table ' ~ relation ~ " drop if exists partition (" ~ key ~ " = '" ~ row[0] ~ "')") %}
    {% endfor %}
{% endmacro %}
