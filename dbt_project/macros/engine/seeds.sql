{# Loads a seed on Spark: dbt-spark neither escapes an apostrophe nor keeps an empty field null.
   Takes the place of the adapter's macro of this name; called by dbt, never by a model.
   Example: New Year's Day becomes 'New Year\'s Day' #}
{% macro spark__load_csv_rows(model, agate_table) %}
    {% set types = model['config'].get('column_types', {}) %}
    {% set statements = [] %}
    {% for chunk in agate_table.rows | batch(get_batch_size()) %}
        {% set statement %}
            insert into {{ this.render() }} values
            {% for row in chunk -%}
                (
                {%- for name in agate_table.column_names -%}
                    cast({{ seed_literal(row[loop.index0]) }} as {{ types.get(name, adapter.convert_type(agate_table, loop.index0)) }})
                    {{- ', ' if not loop.last }}
                {%- endfor -%}
                ){{ ',' if not loop.last }}
            {% endfor %}
        {% endset %}
        {% do adapter.add_query(statement, abridge_sql_log=True) %}
        {% do statements.append(statement) %}
    {% endfor %}
    {{ return(statements | first) }}
{% endmacro %}

{% macro seed_literal(value) -%}
    {%- if value is none or value | string == '' -%} null
    {%- else -%} '{{ value | string | replace('\\', '\\\\') | replace("'", "\\'") }}'
    {%- endif -%}
{%- endmacro %}
