-- One row per city and day: K58 bad-cell share 质差小区占比: cells whose drop rate of the day is above the parameter
-- bad_cell_drop_pct, over cells that released a bearer in a valid hour.
with cell_days as (
    select
        measured_date,
        org_key,
        cell_id,
        sum(bearer_drop_count) as drops,
        sum(bearer_release_count) as releases
    from {{ ref('fct_network_cell_hour') }}
    where is_valid
    group by measured_date, org_key, cell_id
    having sum(bearer_release_count) > 0
)

select
    'K58' as kpi_id,
    'day' as period_type,
    cell_days.measured_date as period_start,
    orgs.org_id,
    cast(count(case when 100 * cell_days.drops > limits.parameter_value * cell_days.releases then 1 end)
        as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from cell_days
inner join {{ ref('parameters') }} as limits
    on limits.parameter_code = 'bad_cell_drop_pct' and {{ valid_on('limits', 'cell_days.measured_date') }}
left join {{ ref('dim_org') }} as orgs on cell_days.org_key = orgs.org_key
group by cell_days.measured_date, orgs.org_id
