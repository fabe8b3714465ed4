-- One row per city and month: K67 commission over revenue of new 酬金占新增收入比: commission of the agents, less what was
-- taken back, over the net charges of the month for the numbers they opened in it and the two months before.
with sides as (
    select
        commission_month as period_start,
        org_id,
        commission_amt as commission,
        0 as revenue
    from {{ ref('fct_dealer_commission') }}
    union all
    select
        bills.revenue_month as period_start,
        numbers.org_id,
        0 as commission,
        bills.net_amt as revenue
    from {{ ref('fct_revenue_month') }} as bills
    inner join {{ ref('fct_dealer_number') }} as numbers on bills.subscription_id = numbers.subscription_id
    where {{ months_between('numbers.opened_month', 'bills.revenue_month') }} between 0 and 2
)

select
    'K67' as kpi_id,
    'month' as period_type,
    period_start,
    org_id,
    cast(sum(commission) as decimal(38, 6)) as numerator,
    cast(sum(revenue) as decimal(38, 6)) as denominator
from sides
group by period_start, org_id
