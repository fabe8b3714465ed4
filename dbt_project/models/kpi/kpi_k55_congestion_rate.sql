-- One row per city, kind of congestion and day: K55 congestion 拥塞率: bearers refused for lack of resources over bearer
-- attempts (REFUSED); valid cell hours above the parameter busy_cell_pct over valid cell hours (BUSY_HOUR).
{% set parts = {
    'REFUSED': ('sum(facts.bearer_congestion_count)', 'sum(facts.bearer_attempt_count)'),
    'BUSY_HOUR': (
        'count(case when facts.resource_blocks_pct_sum > limits.parameter_value * facts.resource_blocks_pct_sample_count'
        ~ ' then 1 end)', 'count(nullif(facts.resource_blocks_pct_sample_count, 0))',
    ),
} -%}
{% for breakdown, (numerator, denominator) in parts.items() %}
select
    'K55' as kpi_id,
    'day' as period_type,
    facts.measured_date as period_start,
    orgs.org_id,
    '{{ breakdown }}' as breakdown_code,
    cast({{ numerator }} as decimal(38, 6)) as numerator,
    cast({{ denominator }} as decimal(38, 6)) as denominator
from {{ ref('fct_network_cell_hour') }} as facts
inner join {{ ref('parameters') }} as limits
    on limits.parameter_code = 'busy_cell_pct' and {{ valid_on('limits', 'facts.measured_date') }}
left join {{ ref('dim_org') }} as orgs on facts.org_key = orgs.org_key
where facts.is_valid
group by facts.measured_date, orgs.org_id
{{ 'union all' if not loop.last }}
{%- endfor %}
