-- One row per city, agent and month of opening: K66 dealer quality index 代理商质量指数, 0 to 100: of the numbers watched
-- to the end, 40 points for each still there after the watched days, 40 for each used on more than the days that make
-- it suspect, 20 for each with a net charge; ALL is every agent.
with numbers as (
    select
        *,
        case when coalesce(left_on >= watched_until, true) then 40 else 0 end
        + case when is_suspected_farming or use_day_count = 0 then 0 else 40 end
        + case when net_amt > 0 then 20 else 0 end as points
    from {{ ref('fct_dealer_number') }}
    where is_judged
),

both_breakdowns as (
    select
        opened_month,
        org_id,
        dealer_id as breakdown_code,
        points
    from numbers
    union all
    select
        opened_month,
        org_id,
        'ALL' as breakdown_code,
        points
    from numbers
)

select
    'K66' as kpi_id,
    'month' as period_type,
    opened_month as period_start,
    org_id,
    breakdown_code,
    cast(sum(points) as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from both_breakdowns
group by opened_month, org_id, breakdown_code
