-- Question: What does a subscription bring in each city, of all and of those billed? 各地市 ARPU 与出账 ARPU
select
    orgs.org_name,
    arpu.period_start as month,
    round(arpu.kpi_value, 2) as arpu,
    round(billing_arpu.kpi_value, 2) as billing_arpu,
    round(100 * arpu.previous_change_share, 1) as change_pct
from kpi.fct_kpi_month as arpu
inner join kpi.fct_kpi_month as billing_arpu on billing_arpu.kpi_id = 'K14' and arpu.org_id = billing_arpu.org_id
    and arpu.period_start = billing_arpu.period_start and arpu.org_level_code = billing_arpu.org_level_code
    and billing_arpu.is_in_force
inner join dim.dim_org as orgs on arpu.org_key = orgs.org_key
where arpu.kpi_id = 'K13' and arpu.org_level_code = 'CITY' and arpu.is_in_force
order by month desc, arpu desc, orgs.org_name
