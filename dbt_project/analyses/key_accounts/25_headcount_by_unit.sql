-- Question: How many people work in each unit at the end of each month, by role? 各单位各角色的月末在岗人数？
select
    months.month_end_date,
    orgs.city_id,
    roles.role_code,
    count(*) as headcount
from (
    select distinct dates.month_end_date
    from dim.dim_date as dates
    inner join key_accounts.fct_large_customer_month as facts on dates.month_start_date = facts.month_start_date
) as months
inner join dim.dim_staff as staff on staff.hired_on <= months.month_end_date
    and (staff.left_on is null or staff.left_on > months.month_end_date)
inner join dim.dim_org as orgs on staff.org_id = orgs.org_id and months.month_end_date >= orgs.valid_from
    and months.month_end_date < orgs.valid_to
inner join dim.dim_staff_version as roles on staff.staff_id = roles.staff_id
    and months.month_end_date >= roles.valid_from and months.month_end_date < roles.valid_to
where staff.staff_id <> '?'
group by all
order by months.month_end_date, orgs.city_id, roles.role_code
