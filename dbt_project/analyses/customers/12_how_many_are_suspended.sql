-- Question: How many subscriptions are suspended at the end of each month, and for how many is it arrears? 月末停机用户
select
    months.month_start_date,
    states.name_en as state,
    states.name_zh as state_zh,
    count(*) as subscriptions,
    round(100.0 * count(*) / sum(count(*)) over (partition by months.month_start_date), 2) as share_pct
from customers.fct_subscription_month as months
inner join reference.subscription_states as states on months.state_code = states.state_code
where months.is_counted
group by months.month_start_date, states.name_en, states.name_zh
order by months.month_start_date, subscriptions desc, state
