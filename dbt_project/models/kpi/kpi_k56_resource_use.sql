-- One row per unit, statistic and day: K56 resource-block utilisation 无线资源利用率: mean of the valid cell hours
-- (MEAN), and the value that 95 of 100 cells do not exceed in their busiest hour of the day (P95).
with cell_days as (
    select
        measured_date,
        org_key,
        cell_id,
        sum(resource_blocks_pct_sum) as used_sum,
        sum(resource_blocks_pct_sample_count) as sample_count,
        max(resource_blocks_pct_sum / nullif(resource_blocks_pct_sample_count, 0)) as busiest_pct
    from {{ ref('fct_network_cell_hour') }}
    where is_valid
    group by measured_date, org_key, cell_id
),

at_levels as ({{ at_every_level('cell_days', ['measured_date', 'used_sum', 'sample_count', 'busiest_pct']) }}),

parts as (
    select
        measured_date,
        org_id,
        'MEAN' as breakdown_code,
        sum(used_sum) as used,
        sum(sample_count) as samples
    from at_levels
    group by measured_date, org_id
    union all
    select
        measured_date,
        org_id,
        breakdown_code,
        ranked_value as used,
        1 as samples
    from ({{ nearest_ranks('at_levels', 'busiest_pct', ['measured_date', 'org_id'], [95]) }}) as ranks
)

select
    'K56' as kpi_id,
    'day' as period_type,
    measured_date as period_start,
    org_id,
    breakdown_code,
    cast(used as decimal(38, 6)) as numerator,
    cast(samples as decimal(38, 6)) as denominator
from parts
