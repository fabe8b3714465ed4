-- Question: Which customers are on the list, with manager, grade, services and open tickets? 大客户列表（名称、客户经理、等级、业务、在途工单）
select
    customers.name_token,
    large.customer_id,
    orgs.city_name,
    managers.staff_id as account_manager_staff_id,
    managers.name_token as account_manager_name_token,
    large.service_grade_code,
    (
        select string_agg(distinct services.service_code, ', ' order by services.service_code)
        from (
            select subscriptions.service_code
            from dim.dim_subscription as subscriptions
            where subscriptions.is_current and subscriptions.customer_id = large.customer_id
            union all
            select circuits.service_code
            from dim.dim_circuit as circuits
            where circuits.is_current and circuits.customer_id = large.customer_id and circuits.status_code = 'ACTIVE'
        ) as services
    ) as services,
    large.open_ticket_count
from key_accounts.fct_large_customer_month as large
inner join dim.dim_customer as customers on large.customer_key = customers.customer_key
inner join dim.dim_org as orgs on large.org_key = orgs.org_key
inner join dim.dim_staff as managers on large.account_manager_staff_key = managers.staff_key
where large.is_large and large.month_start_date = (select max(month_start_date) from key_accounts.fct_large_customer_month)
order by large.open_ticket_count desc, large.class_count desc, large.customer_id
