{# The key of the unknown member. Every dimension has one row with this key, id or code '?' and the
   names Unknown / 未知; a fact whose row finds no member points here, so that no row is ever dropped.
   Example: coalesce(orgs.org_key, {{ unknown_key() }}) as org_key #}
{% macro unknown_key() -%}
    {{ surrogate_key(["'?'"]) }}
{%- endmacro %}

{# History from daily lists, as a whole select: one row per id and run of days without a change of the
   attributes. `relation` is a CTE or relation with one row per id and delivery, and file_date,
   source_file, line_number. The first version holds from 1900-01-01, so that facts older than the
   first delivery find it; the last one is open until 9999-12-31. An id that a later list lacks stays.
   Example: with versions as ({{ history('source', 'account_id', ['customer_id', 'status_code']) }}) #}
{% macro history(relation, id, attributes) -%}
    select
        {{ id }},
        {{ attributes | join(',\n        ') }},
        case
            when row_number() over (partition by {{ id }} order by file_date) = 1 then cast('1900-01-01' as date)
            else file_date
        end as valid_from,
        coalesce(lead(file_date) over (partition by {{ id }} order by file_date), cast('9999-12-31' as date)) as valid_to,
        lead(file_date) over (partition by {{ id }} order by file_date) is null as is_current
    from (
        select
            *,
            lag(state) over (partition by {{ id }} order by file_date) as last_state
        from (
            select
                {{ id }},
                {{ attributes | join(',\n                ') }},
                file_date,
                {{ row_state(attributes) }} as state,
                row_number() over (partition by {{ id }}, file_date order by source_file, line_number) as copy_number
            from {{ relation }}
        ) as deliveries
        where copy_number = 1
    ) as days
    where last_state is null or last_state <> state
{%- endmacro %}

{# One text that differs when any of the columns differs; a null is not an empty text.
   Example: {{ row_state(['status_code', 'org_id']) }} as state #}
{% macro row_state(columns) -%}
    md5(concat_ws('|'
    {%- for column in columns %}, coalesce(concat('=', cast({{ column }} as string)), '-'){% endfor %}))
{%- endmacro %}
