{# Whether a cell was measured well enough in an hour to judge it: full_hour_quarters of its four quarters delivered.
   `hours` are the sums of an hour, `full_hours` the row of the parameter.
   Example: {{ is_valid_hour('hours', 'full_hours') }} as is_valid #}
{% macro is_valid_hour(hours, full_hours) -%}
    4 * {{ hours }}.quarter_count >= {{ full_hours }}.parameter_value * {{ hours }}.expected_quarter_count
{%- endmacro %}

{# Whether a cell was degraded in an hour: out of service for a second, more than bad_cell_drop_pct of its bearers
   dropped, or more than busy_cell_pct of its blocks used. `drops` and `busy` are the rows of the parameters.
   Example: {{ is_poor_hour('hours', 'drops', 'busy') }} as is_poor #}
{% macro is_poor_hour(hours, drops, busy) -%}
    coalesce({{ hours }}.unavailable_s > 0, false)
    or coalesce(100 * {{ hours }}.bearer_drop_count > {{ drops }}.parameter_value * {{ hours }}.bearer_release_count, false)
    or coalesce(
        {{ hours }}.resource_blocks_pct_sum > {{ busy }}.parameter_value * {{ hours }}.resource_blocks_pct_sample_count, false
    )
{%- endmacro %}

{# The parameters by which an hour is judged, as a whole select. Example: rules as ({{ hour_rules() }}) #}
{% macro hour_rules() -%}
    select
        parameter_code,
        parameter_value,
        valid_from,
        valid_to
    from {{ ref('parameters') }}
    where parameter_code in ('full_hour_quarters', 'busy_cell_pct', 'bad_cell_drop_pct')
{%- endmacro %}

{# Joins what held of them on a day to each hour, as full_hours, drops and busy; `rules` is the select above. An hour of
   a day without full_hours falls away. Example: from hours {{ join_hour_rules('hours.measured_date') }} #}
{% macro join_hour_rules(day) -%}
    inner join rules as full_hours on full_hours.parameter_code = 'full_hour_quarters'
        and {{ valid_on('full_hours', day) }}
    left join rules as drops on drops.parameter_code = 'bad_cell_drop_pct'
        and {{ valid_on('drops', day) }}
    left join rules as busy on busy.parameter_code = 'busy_cell_pct'
        and {{ valid_on('busy', day) }}
{%- endmacro %}
