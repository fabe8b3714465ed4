-- One row per city, customer type and month: K20 revenue share by segment 分客户群收入占比: recognised revenue of the
-- customers of the type over that of all.
with charges as (
    select
        facts.revenue_month,
        facts.org_id,
        coalesce(customers.customer_type_code, '?') as customer_type_code,
        sum(facts.recognised_amt) as amount
    from {{ ref('fct_revenue_month') }} as facts
    left join {{ ref('dim_customer') }} as customers on facts.customer_key = customers.customer_key
    where not facts.is_excluded
    group by facts.revenue_month, facts.org_id, coalesce(customers.customer_type_code, '?')
),

segments as (select distinct customer_type_code from charges)

select
    'K20' as kpi_id,
    'month' as period_type,
    charges.revenue_month as period_start,
    charges.org_id,
    segments.customer_type_code as breakdown_code,
    cast(sum(
        case when charges.customer_type_code = segments.customer_type_code then charges.amount else 0 end
    ) as decimal(38, 6)) as numerator,
    cast(sum(charges.amount) as decimal(38, 6)) as denominator
from charges
cross join segments
group by charges.revenue_month, charges.org_id, segments.customer_type_code
