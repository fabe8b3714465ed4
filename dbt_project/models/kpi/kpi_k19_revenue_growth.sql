-- One row per city, base and month: K19 revenue growth 收入增长率: recognised revenue less that of the base over the base;
-- base is the month before (POP) or the same month a year before (YOY), as closed if it is closed. Without a base there
-- is no row.
with months as (
    select
        revenue_month,
        coalesce(org_id, '?') as org_id,
        recognised_amt
    from {{ ref('fct_revenue_month') }}
    where not is_excluded
),

closed as (
    select
        period_start as revenue_month,
        org_id,
        cast(numerator as decimal(18, 2)) as recognised_amt
    from {{ ref('fct_kpi_closed') }}
    where kpi_id = 'K13' and period_type = 'month' and org_level_code = 'CITY' and is_newest and is_in_force
),

bases as (
    select * from closed
    union all
    select * from months
    where months.revenue_month not in (select closed.revenue_month from closed)
),

parts as (
    {%- for code, distance in {'POP': 1, 'YOY': 12}.items() %}
    select
        revenue_month as period_start,
        org_id,
        '{{ code }}' as breakdown_code,
        recognised_amt as amount,
        0 as base_amt
    from months
    union all
    select
        {{ add_months('revenue_month', distance) }} as period_start,
        org_id,
        '{{ code }}' as breakdown_code,
        0 as amount,
        recognised_amt as base_amt
    from bases
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    'K19' as kpi_id,
    'month' as period_type,
    period_start,
    org_id,
    breakdown_code,
    cast(sum(amount - base_amt) as decimal(38, 6)) as numerator,
    cast(sum(base_amt) as decimal(38, 6)) as denominator
from parts
group by period_start, org_id, breakdown_code
having sum(base_amt) > 0 and sum(amount) > 0
