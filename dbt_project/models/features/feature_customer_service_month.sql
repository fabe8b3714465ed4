-- One row per customer, service and billed month with charges: the revenue of theme 3, ? for what no customer is known
-- of. What a customer buys follows from what it is charged for.
with revenue as (

    select * from {{ ref('fct_revenue_month') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

)

select
    -- keys
    coalesce(customers.customer_id, '?') as customer_id,
    revenue.service_code,

    -- attributes
    coalesce(services.service_class_code, '?') as service_class_code,

    -- measures
    cast(sum(revenue.gross_amt) as decimal(18, 2)) as gross_amt,
    cast(sum(revenue.discount_amt) as decimal(18, 2)) as discount_amt,
    cast(sum(revenue.recognised_amt) as decimal(18, 2)) as revenue_amt,
    'CNY' as currency_code,
    count(distinct revenue.subscription_id) as subscription_count,

    -- times
    revenue.revenue_month as as_of_month
from revenue
left join customers on revenue.customer_key = customers.customer_key
left join {{ ref('dim_service') }} as services on revenue.service_code = services.service_code
group by
    coalesce(customers.customer_id, '?'), revenue.service_code, coalesce(services.service_class_code, '?'),
    revenue.revenue_month
