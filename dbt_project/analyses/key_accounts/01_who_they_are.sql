-- Question: Who are our large customers at the end of the last month, and by which rule? 谁是大客户，依据哪条规则？
select
    large.customer_id,
    orgs.city_name,
    large.service_grade_code,
    large.is_important,
    large.is_high_value,
    large.is_group,
    large.is_strategic,
    large.is_special,
    large.net_amt
from key_accounts.fct_large_customer_month as large
inner join dim.dim_org as orgs on large.org_key = orgs.org_key
where large.is_large and large.month_start_date = (select max(month_start_date) from key_accounts.fct_large_customer_month)
order by large.class_count desc, large.net_amt desc, large.customer_id
