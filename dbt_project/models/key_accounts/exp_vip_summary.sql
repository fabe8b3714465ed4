-- One row per local network and cycle: the overall position of large customers, VIP_SUMMARY of the core data standard
-- (大客户数据标准).
with large as (

    select * from {{ ref('fct_large_customer_month') }}
    where is_large

)

select
    -- keys
    org_id as local_network_id,

    -- measures
    count(*) as customer_count,
    count(case when is_important then 1 end) as important_count,
    count(case when is_high_value then 1 end) as high_value_count,
    count(case when is_group then 1 end) as group_count,
    count(case when is_strategic then 1 end) as strategic_count,
    count(case when is_special then 1 end) as special_count,
    cast(sum(subscription_count) as bigint) as subscription_count,
    cast(sum(left_count) as bigint) as left_count,
    cast(sum(circuit_count) as bigint) as circuit_count,
    cast(sum(closed_circuit_count) as bigint) as closed_circuit_count,
    cast(sum(net_amt) as decimal(18, 2)) as net_amt,
    cast(sum(group_paid_amt) as decimal(18, 2)) as group_paid_amt,
    cast(sum(arrears_amt) as decimal(18, 2)) as arrears_amt,
    cast(sum(credit_amt) as decimal(18, 2)) as credit_amt,
    'CNY' as currency_code,
    cast(sum(ticket_count) as bigint) as ticket_count,
    cast(sum(due_visit_count) as bigint) as due_visit_count,
    cast(sum(done_visit_count) as bigint) as done_visit_count,

    -- times
    month_start_date as cycle_month,
    {{ add_days(add_months('month_start_date', 1), 9) }} as report_due_date
from large
group by org_id, month_start_date
