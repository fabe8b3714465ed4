-- One row per unit, statistic and month: K72 opportunity win rate and cycle 商机赢单率与周期: won over won or lost
-- (WIN_RATE), seconds from found to won (P50, P90).
with closed as (
    select
        {{ month_of('closed_date') }} as period_start,
        org_key,
        is_won,
        case when is_won then cycle_s end as won_s
    from {{ ref('fct_opportunity') }}
    where closed_date is not null
),

at_levels as ({{ at_every_level('closed', ['period_start', 'is_won', 'won_s']) }}),

parts as (
    select
        period_start,
        org_id,
        breakdown_code,
        ranked_value as part,
        1 as whole
    from ({{ nearest_ranks('at_levels', 'won_s', ['period_start', 'org_id'], [50, 90]) }}) as ranks
    union all
    select
        period_start,
        org_id,
        'WIN_RATE' as breakdown_code,
        count(case when is_won then 1 end) as part,
        count(*) as whole
    from at_levels
    group by period_start, org_id
)

select
    'K72' as kpi_id,
    'month' as period_type,
    period_start,
    org_id,
    breakdown_code,
    cast(part as decimal(38, 6)) as numerator,
    cast(whole as decimal(38, 6)) as denominator
from parts
