-- Question: How many of the new subscriptions only replace another one, city by city? 各地市新增中有多少是重入网？
select
    orgs.city_name,
    count(*) as new_count,
    count(case when facts.is_reentry then 1 end) as reentry_count,
    count(*) - count(case when facts.is_reentry then 1 end) as new_without_reentry_count,
    round(count(case when facts.is_reentry then 1 end) * 1.0 / count(*), 4) as reentry_share
from marketing.fct_new_subscription as facts
inner join dim.dim_org as orgs on facts.org_key = orgs.org_key
group by orgs.city_name
order by reentry_count desc, orgs.city_name;
