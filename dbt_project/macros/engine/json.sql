{# One row per element of a JSON list of objects, as a whole select: the columns to keep, item_number
   from 1, and one text column per field (null when the element lacks it; cast it yourself). A null,
   empty or broken list gives no row.
   Example: with changes as ({{ json_array_rows(ref('stg_call_center__ticket'), ['ticket_id', 'changed_at'],
       'status_changes', {'status_code': 'status', 'status_at_text': 'changeDate'}) }}) #}
{% macro json_array_rows(relation, keep, column, fields) %}
    {{ return(adapter.dispatch('json_array_rows')(relation, keep, column, fields)) }}
{% endmacro %}

{% macro default__json_array_rows(relation, keep, column, fields) -%}
    select
        {{ keep | join(', ') }},
        cast(item_number as int) as item_number
        {%- for name, path in fields.items() %},
        json_extract_string(item, '$.{{ path }}') as {{ name }}
        {%- endfor %}
    from (
        select
            {{ keep | join(', ') }},
            unnest(items) as item,
            unnest(range(1, len(items) + 1)) as item_number
        from (
            select
                {{ keep | join(', ') }},
                case when json_valid({{ column }}) then from_json({{ column }}, '["json"]') end as items
            from {{ relation }}
        ) as lists
    ) as items
{%- endmacro %}

{% macro spark__json_array_rows(relation, keep, column, fields) -%}
    select
        {{ keep | join(', ') }},
        position + 1 as item_number
        {%- for name, path in fields.items() %},
        item.`{{ path }}` as {{ name }}
        {%- endfor %}
    from (
        select
            {{ keep | join(', ') }},
            posexplode(from_json({{ column }}, 'array<struct<
                {%- for path in fields.values() %}`{{ path }}`: string{{ ', ' if not loop.last }}{% endfor -%}
            >>')) as (position, item)
        from {{ relation }}
    ) as items
{%- endmacro %}
