-- One row per unit and day: K53 accessibility 接通率: share of connections set up times share of bearers set up, in
-- valid hours, each counted over the whole unit.
with valid_hours as (
    select * from {{ ref('fct_network_cell_hour') }}
    where is_valid
),

attempts as (
    {{ at_every_level('valid_hours', [
        'measured_date', 'connection_attempt_count', 'connection_success_count', 'bearer_attempt_count',
        'bearer_success_count',
    ]) }}
)

select
    'K53' as kpi_id,
    'day' as period_type,
    measured_date as period_start,
    org_id,
    cast(cast(sum(connection_success_count) as decimal(16, 0)) * cast(sum(bearer_success_count) as decimal(16, 0))
        as decimal(38, 6)) as numerator,
    cast(cast(sum(connection_attempt_count) as decimal(16, 0)) * cast(sum(bearer_attempt_count) as decimal(16, 0))
        as decimal(38, 6)) as denominator
from attempts
group by measured_date, org_id
