-- One row per layer (usage events, usage days), event date and measure. Counted again are the event dates that
-- fct_usage_day wrote again.
{{ config(enabled=theme_is_on('usage')) }}
{% set measures = ['duration_s', 'billed_minutes', 'up_bytes', 'down_bytes', 'rated_amt'] -%}
{% set layers = [
    ('event', ref('fct_usage_event'), 'count(*)', 'file_date'),
    ('day', ref('fct_usage_day'), 'sum(usage_rows.record_count)', 'last_file_date'),
] -%}

with touched_dates as (

    {{ touched_dates('period_start', ref('fct_usage_day'), 'event_date', 'last_file_date') }}

),

{% for layer, relation, record_count, file_date in layers -%}
{{ layer }}_totals as (

    select
        usage_rows.event_date,
        cast({{ record_count }} as decimal(38, 6)) as record_count,
        {%- for measure in measures %}
        cast(sum(usage_rows.{{ measure }}) as decimal(38, 6)) as {{ measure }},
        {%- endfor %}
        max(usage_rows.{{ file_date }}) as last_file_date
    from {{ relation }} as usage_rows
    inner join touched_dates on usage_rows.event_date = touched_dates.period_start
    group by usage_rows.event_date

),

{% endfor -%}
totals as (
    {% for layer, _, _, _ in layers %}
    {%- set outer = loop %}
    {%- for measure in ['record_count'] + measures %}
    select
        '{{ layer }}' as layer_code,
        '{{ measure }}' as measure,
        {{ measure }} as total,
        last_file_date,
        event_date as period_start
    from {{ layer }}_totals
    {{ 'union all' if not (loop.last and outer.last) }}
    {% endfor %}
    {%- endfor %}
)

select
    layer_code,
    'usage' as subject,
    measure,
    total,
    last_file_date,
    period_start
from totals
