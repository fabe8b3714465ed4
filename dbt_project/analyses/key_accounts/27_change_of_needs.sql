-- Question: Whose spending or mix of products changed since last month? 哪些大客户的消费额或产品组合发生了变化？
with months as (
    select
        month_start_date,
        customer_id,
        net_amt,
        last_month_net_amt,
        service_class_count,
        lag(service_class_count) over (partition by customer_id order by month_start_date) as last_service_class_count,
        new_count,
        left_count
    from key_accounts.fct_large_customer_month
    where is_large
)

select
    *,
    round(net_amt / nullif(last_month_net_amt, 0) - 1, 4) as spend_change,
    coalesce(abs(net_amt - last_month_net_amt) > 0.3 * nullif(last_month_net_amt, 0), false) as is_spend_changed,
    coalesce(service_class_count <> last_service_class_count, false) or new_count + left_count > 0 as is_mix_changed
from months
order by month_start_date, is_spend_changed desc, net_amt desc, customer_id
