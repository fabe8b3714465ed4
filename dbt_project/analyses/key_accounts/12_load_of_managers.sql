-- Question: How many customers, how much revenue and how many open tickets does each manager have? 客户经理负荷
select
    staff.staff_id,
    orgs.city_name,
    count(*) as customer_count,
    sum(large.net_amt) as net_amt,
    sum(large.open_ticket_count) as open_ticket_count,
    sum(large.due_visit_count) as due_visit_count,
    sum(large.contract_ending_90_count) as contract_ending_90_count
from key_accounts.fct_large_customer_month as large
inner join dim.dim_staff as staff on large.account_manager_staff_key = staff.staff_key
inner join dim.dim_org as orgs on large.org_key = orgs.org_key
where large.is_large and large.month_start_date = (select max(month_start_date) from key_accounts.fct_large_customer_month)
group by all
order by net_amt desc, staff.staff_id
