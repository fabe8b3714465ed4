-- Question: Which active subscriptions did the bill run forget? 哪些在用用户漏收了月租？
select
    leaks.leakage_date,
    leaks.subscription_id,
    orgs.org_name,
    subscriptions.offer_id,
    leaks.expected_amt
from revenue.fct_leakage as leaks
inner join dim.dim_subscription as subscriptions on leaks.subscription_key = subscriptions.subscription_key
inner join dim.dim_org as orgs on leaks.org_key = orgs.org_key
where leaks.leakage_kind_code = 'UNBILLED'
order by leaks.expected_amt desc, leaks.leakage_date, leaks.subscription_id
