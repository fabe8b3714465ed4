-- One row per city and month: K22 large-customer revenue share 大客户收入占比: net charges of large customers over net
-- charges of all.
with large as (
    select distinct
        customer_id,
        month_start_date
    from {{ ref('fct_large_customer_month') }}
    where is_large
)

select
    'K22' as kpi_id,
    'month' as period_type,
    facts.revenue_month as period_start,
    facts.org_id,
    cast(
        sum(case when large.customer_id is not null then facts.recognised_amt else 0 end) as decimal(38, 6)
    ) as numerator,
    cast(sum(facts.recognised_amt) as decimal(38, 6)) as denominator
from {{ ref('fct_revenue_month') }} as facts
left join {{ ref('dim_customer') }} as customers on facts.customer_key = customers.customer_key
left join large on customers.customer_id = large.customer_id and facts.revenue_month = large.month_start_date
group by facts.revenue_month, facts.org_id
