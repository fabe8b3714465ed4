{# Makes the lake readable as source relations, once per run: `raw.<family>__<feed>` over the Parquet
   partitions of a feed, `raw.ops__<name>` over one file of the ledger, `raw.analytics__<name>` over estimates by
   as-of month. The lake is found by BASS_LAKE.
   Example (dbt_project.yml): on-run-start: ["{{ register_raw() }}"] #}
{% macro register_raw() %}
    {% if execute %}
        {% do run_query('create schema if not exists raw') %}
        {% for source in graph.sources.values() | sort(attribute='identifier') %}
            {% do register_source(source, env_var('BASS_LAKE')) %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{% macro register_source(source, lake) %}
    {{ return(adapter.dispatch('register_source')(source, lake)) }}
{% endmacro %}

{% macro default__register_source(source, lake) %}
    {{ exceptions.raise_compiler_error('no way known to read the lake on this engine') }}
{% endmacro %}

{# Columns are those of the first partition, the empty one of 1970-01-01 that follows the contract; ingestion
   makes all days again when a contract's columns change, so files need not be united by name (which would
   open every file of the history for each query). What is not written yet reads as a table without rows. #}
{% macro duckdb__register_source(source, lake) %}
    {% if source.source_name == 'ops' %}
        {% set first = lake ~ '/ops/' ~ source.name ~ '.parquet' %}
        {% set files, options = first, '' %}
    {% elif source.source_name == 'analytics' %}
        {% set first = lake ~ '/analytics/' ~ source.name ~ '/as_of_month=1970-01-01/*.parquet' %}
        {% set files = lake ~ '/analytics/' ~ source.name ~ '/*/*.parquet' %}
        {% set options = ", hive_partitioning = true, hive_types = {'as_of_month': date}" %}
    {% else %}
        {% set first = lake ~ '/raw/' ~ source.identifier ~ '/file_date=1970-01-01/*.parquet' %}
        {% set files = lake ~ '/raw/' ~ source.identifier ~ '/*/*.parquet' %}
        {% set options = ", hive_partitioning = true, hive_types = {'file_date': date}" %}
    {% endif %}
    {% if is_in_lake(first) or is_in_lake(files) %}
        {% set reader = "select * from read_parquet('" ~ files ~ "'" ~ options ~ ')' %}
    {% else %}
        {% set reader = 'select ' ~ no_rows(source) ~ ' where false' %}
    {% endif %}
    {% do run_query('create or replace view raw.' ~ source.identifier ~ ' as ' ~ reader) %}
{% endmacro %}

{% macro is_in_lake(files) %}
    {{ return(run_query("select count(*) from glob('" ~ files ~ "')").columns[0][0] > 0) }}
{% endmacro %}

{# Tables, not views over a path: a view lists the files and reads their columns again wherever a query names it. #}
{% macro spark__register_source(source, lake) %}
    {% if source.source_name == 'ops' %}
        {% set file = lake ~ '/ops/' ~ source.name ~ '.parquet' %}
        {% do run_query('create or replace view raw.' ~ source.identifier ~ ' as select * from parquet.`' ~ file ~ '`') %}
    {% else %}
        {% set folders = {'analytics': '/analytics/' ~ source.name} %}
        {% set folder = lake ~ folders.get(source.source_name, '/raw/' ~ source.identifier) %}
        {% do run_query('drop table if exists raw.' ~ source.identifier) %}
        {% do run_query('create table raw.' ~ source.identifier ~ " using parquet location '" ~ folder ~ "'") %}
        {% do run_query('msck repair table raw.' ~ source.identifier) %}
    {% endif %}
{% endmacro %}

{% macro no_rows(source) -%}
    {%- for column in source.columns.values() -%}
        cast(null as {{ column.data_type }}) as {{ column.name }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
