-- Question: Where does revenue leak: usage not rated, wrong tariffs, fees not billed? 收入在哪里漏失？
select
    date_trunc('month', leaks.leakage_date) as month,
    leaks.leakage_kind_code,
    orgs.province_name,
    count(distinct leaks.subscription_id) as subscriptions,
    sum(leaks.record_count) as records,
    sum(leaks.expected_amt) as expected_amt,
    sum(leaks.charged_amt) as charged_amt,
    sum(leaks.leakage_amt) as leakage_amt
from revenue.fct_leakage as leaks
inner join dim.dim_org as orgs on leaks.org_key = orgs.org_key
group by all
order by month, abs(sum(leaks.leakage_amt)) desc, leaks.leakage_kind_code, orgs.province_name
