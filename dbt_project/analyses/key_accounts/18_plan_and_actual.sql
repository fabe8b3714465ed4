-- Question: Are plans met by city and month? 各地市计划完成情况
select
    plans.period_start_on,
    plans.plan_type_code,
    orgs.city_name,
    plans.target_value,
    plans.actual_value,
    round(plans.actual_value / nullif(plans.target_value, 0), 4) as completion
from key_accounts.fct_plan as plans
inner join dim.dim_org as orgs on plans.org_key = orgs.org_key
order by plans.period_start_on, plans.plan_type_code, completion desc, orgs.city_name
