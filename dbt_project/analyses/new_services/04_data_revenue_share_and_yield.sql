-- Question: How much of the revenue is data, and what does a gigabyte earn? 数据收入占比与每GB收入？
with revenue as (

    select
        billing_month,
        sum(net_amt) as net_amt,
        sum(case when charge_item_code = 'DATA' then net_amt else 0 end) as data_amt,
        sum(case when charge_item_code = 'VAS' then net_amt else 0 end) as vas_amt
    from revenue.fct_bill_charge
    group by billing_month

),

volume as (

    select
        month_start_date as billing_month,
        sum(up_bytes + down_bytes) / power(1024.0, 3) as gigabytes
    from usage.fct_usage_month
    where usage_type_code in ('DATA', 'DATA_ROAM')
    group by all

)

select
    revenue.billing_month,
    revenue.data_amt,
    round(100 * revenue.data_amt / nullif(revenue.net_amt, 0), 2) as data_percent,
    round(100 * revenue.vas_amt / nullif(revenue.net_amt, 0), 2) as vas_percent,
    round(volume.gigabytes, 1) as gigabytes,
    round(revenue.data_amt / nullif(volume.gigabytes, 0), 3) as yuan_per_gigabyte
from revenue
inner join volume on revenue.billing_month = volume.billing_month
order by revenue.billing_month
