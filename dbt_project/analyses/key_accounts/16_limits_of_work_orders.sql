-- Question: Are work orders dispatched within 15 minutes, accepted within 30, confirmed within 15? 工单时限达标情况
select
    work_order_type_code,
    count(dispatch_s) as dispatched_count,
    count(*) filter (dispatch_s <= 900) as dispatched_in_time_count,
    count(accept_s) as accepted_count,
    count(*) filter (accept_s <= 1800) as accepted_in_time_count,
    count(confirm_s) as confirmed_count,
    count(*) filter (confirm_s <= 900) as confirmed_in_time_count
from key_accounts.fct_work_order
group by all
order by work_order_type_code
