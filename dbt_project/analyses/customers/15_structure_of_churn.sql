-- Question: Who leaves: how long with us, what kind of customer, where? 离网用户的结构（在网时长、客户类型、地域）？
select
    case
        when leavers.tenure_months < 3 then '1: under 3 months'
        when leavers.tenure_months < 12 then '2: 3 to 11 months'
        when leavers.tenure_months < 36 then '3: 1 to 2 years'
        else '4: 3 years and more'
    end as tenure_band,
    customers.customer_class_code,
    orgs.city_id,
    count(*) as left_count,
    count(*) filter (where leavers.is_replaced) as replaced_count
from customers.fct_leaver as leavers
inner join dim.dim_customer as customers on leavers.customer_key = customers.customer_key
inner join dim.dim_org as orgs on leavers.org_key = orgs.org_key
where leavers.is_counted
group by all
order by tenure_band, customers.customer_class_code, orgs.city_id
