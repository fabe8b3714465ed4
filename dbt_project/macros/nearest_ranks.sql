{# Percentiles by nearest rank: the smallest value that at least p percent of the values do not exceed. One row per
   group and percent, with the code P<percent> in breakdown_code; the same on every engine.
   Example: {{ nearest_ranks('at_levels', 'lead_s', ['period_start', 'org_id'], [50, 90]) }} #}
{% macro nearest_ranks(relation, value, by, percents) -%}
    {%- for percent in percents %}
    select
        {{ by | join(', ') }},
        'P{{ percent }}' as breakdown_code,
        min({{ value }}) as ranked_value
    from (
        select
            {{ by | join(', ') }},
            {{ value }},
            row_number() over (partition by {{ by | join(', ') }} order by {{ value }}) as value_rank,
            count(*) over (partition by {{ by | join(', ') }}) as value_count
        from {{ relation }}
        where {{ value }} is not null
    ) as ranked
    where 100 * value_rank >= {{ percent }} * value_count
    group by {{ by | join(', ') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
