-- One row per KPI, version, breakdown, month and organisation unit (city, province, headquarters), with the values of
-- the month before and of the same month a year before; a base that is missing stays null, and so does the change
-- against it. Closed periods are as closed, on both sides of a comparison.
with measured as (

    select * from {{ ref('kpi_org_figure') }}
    where period_type = 'month'

)

select
    -- keys
    measured.org_key,
    measured.kpi_id,
    measured.org_id,

    -- attributes
    measured.org_level_code,
    measured.breakdown_code,
    measured.rollup_code,
    measured.definition_version,
    measured.is_in_force,
    measured.status_code,
    measured.status_reason,
    measured.closed_version,

    -- measures
    measured.numerator,
    measured.denominator,
    measured.kpi_value,
    previous.kpi_value as previous_value,
    year_ago.kpi_value as year_ago_value,
    (measured.kpi_value - previous.kpi_value) / nullif(abs(previous.kpi_value), 0) as previous_change_share,
    (measured.kpi_value - year_ago.kpi_value) / nullif(abs(year_ago.kpi_value), 0) as year_ago_change_share,

    -- times
    measured.period_start,
    measured.period_end
from measured
left join measured as previous on measured.kpi_id = previous.kpi_id
    and measured.definition_version = previous.definition_version and measured.breakdown_code = previous.breakdown_code
    and measured.org_level_code = previous.org_level_code and measured.org_id = previous.org_id
    and measured.period_start = {{ add_months('previous.period_start', 1) }}
left join measured as year_ago on measured.kpi_id = year_ago.kpi_id
    and measured.definition_version = year_ago.definition_version and measured.breakdown_code = year_ago.breakdown_code
    and measured.org_level_code = year_ago.org_level_code and measured.org_id = year_ago.org_id
    and year_ago.period_start = {{ add_months('measured.period_start', -12) }}
