-- One row per version of a closed month, and KPI, version of its definition, breakdown, period (the month and its days)
-- and organisation unit: the figure as it was published when the month was closed or restated. All versions stay.
with figures as (

    select * from {{ source('ops', 'closed_kpi') }}

),

-- The version that closed or restated the month last; later ones add what had not settled then.
starts as (

    select
        period_month,
        max(closed_version) as first_version
    from {{ source('ops', 'closing') }}
    where kind <> 'later'
    group by period_month

)

select
    -- keys
    figures.kpi_id,
    figures.org_id,

    -- attributes
    figures.period_type,
    figures.org_level_code,
    figures.breakdown_code,
    figures.rollup_code,
    figures.definition_version,
    figures.is_in_force,
    figures.status_code,
    figures.status_reason,
    figures.closed_version,
    figures.closed_version >= starts.first_version as is_newest,

    -- measures
    figures.numerator,
    figures.denominator,
    figures.kpi_value,

    -- times
    figures.period_month,
    figures.period_start,
    figures.period_end
from figures
inner join starts on figures.period_month = starts.period_month
