-- Question: Which work orders are open, at which step, with whom, for how long; and the last ones closed? 工单进度
select
    orders.confirmed_at is null as is_open,
    orders.work_order_id,
    orders.service_event_id,
    orders.customer_key,
    orders.work_order_type_code,
    case
        when orders.confirmed_at is not null then 'CLOSED'
        when orders.done_at is not null then 'CONFIRM'
        when orders.accepted_at is not null then 'WORK'
        when orders.dispatched_at is not null then 'ACCEPT'
        else 'DISPATCH'
    end as current_step_code,
    staff.staff_id as owner_staff_id,
    orgs.city_name,
    orders.promised_at,
    date_diff('hour', orders.opened_at_local, coalesce(orders.confirmed_at_local, cast(days.last_date + 1 as timestamp)))
        as age_hours
from key_accounts.fct_work_order as orders
inner join dim.dim_staff as staff on orders.staff_key = staff.staff_key
inner join dim.dim_org as orgs on orders.org_key = orgs.org_key
cross join (select max(last_file_date) as last_date from ops.ops_feed) as days
order by is_open desc, orders.confirmed_at desc, orders.work_order_id
limit 200
