-- One row per customer, service and billed month with charges: the revenue of theme 3, ? for what no customer is known
-- of. What a customer buys follows from what it is charged for: fees of circuits and value-added services are billed on
-- a number of the customer, and count as services of their own.
with revenue as (

    select
        customer_key,
        subscription_id,
        case
            when charge_item_code = 'LEASED_LINE' then 'LEASED_LINE'
            when charge_class_code = 'vas' then 'VAS'
            else service_code
        end as service_code,
        gross_amt,
        discount_amt,
        net_amt,
        billing_month
    from {{ ref('fct_bill_charge') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

)

select
    -- keys
    coalesce(customers.customer_id, '?') as customer_id,
    revenue.service_code,

    -- attributes
    coalesce(services.service_class_code, case when revenue.service_code = 'VAS' then 'vas' end, '?')
        as service_class_code,

    -- measures
    cast(sum(revenue.gross_amt) as decimal(18, 2)) as gross_amt,
    cast(sum(revenue.discount_amt) as decimal(18, 2)) as discount_amt,
    cast(sum(revenue.net_amt) as decimal(18, 2)) as revenue_amt,
    'CNY' as currency_code,
    count(distinct revenue.subscription_id) as subscription_count,

    -- times
    revenue.billing_month as as_of_month
from revenue
left join customers on revenue.customer_key = customers.customer_key
left join {{ ref('dim_service') }} as services on revenue.service_code = services.service_code
group by
    coalesce(customers.customer_id, '?'), revenue.service_code,
    coalesce(services.service_class_code, case when revenue.service_code = 'VAS' then 'vas' end, '?'),
    revenue.billing_month
