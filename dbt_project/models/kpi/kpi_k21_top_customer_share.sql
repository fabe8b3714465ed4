-- One row per unit and month: K21 top-20 % revenue share 高价值客户收入集中度: recognised revenue of the fifth of the
-- billing customers with the most (rounded up) over that of all billing customers.
with charges as (
    select
        facts.revenue_month,
        facts.org_key,
        customers.customer_id,
        facts.recognised_amt
    from {{ ref('fct_revenue_month') }} as facts
    inner join {{ ref('dim_customer') }} as customers on facts.customer_key = customers.customer_key
    where not facts.is_excluded
),

at_levels as ({{ at_every_level('charges', ['revenue_month', 'customer_id', 'recognised_amt']) }}),

totals as (
    select
        revenue_month,
        org_id,
        customer_id,
        sum(recognised_amt) as amount
    from at_levels
    group by revenue_month, org_id, customer_id
    having sum(recognised_amt) > 0
),

ranked as (
    select
        *,
        row_number() over (partition by revenue_month, org_id order by amount desc, customer_id) as customer_rank,
        count(*) over (partition by revenue_month, org_id) as customer_count
    from totals
)

select
    'K21' as kpi_id,
    'month' as period_type,
    revenue_month as period_start,
    org_id,
    cast(sum(case when 5 * (customer_rank - 1) < customer_count then amount else 0 end) as decimal(38, 6)) as numerator,
    cast(sum(amount) as decimal(38, 6)) as denominator
from ranked
group by revenue_month, org_id
