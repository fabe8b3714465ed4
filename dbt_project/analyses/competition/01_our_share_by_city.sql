-- Question: What is our market share in each city, and how did it move? 各地市市场份额及其变化？
select
    orgs.org_name,
    kpis.period_start as month,
    cast(kpis.numerator as bigint) as own_subscriptions,
    cast(kpis.denominator as bigint) as market_subscriptions,
    round(kpis.kpi_value, 4) as market_share,
    round(kpis.kpi_value - kpis.previous_value, 4) as change_on_month
from kpi.fct_kpi_month as kpis
left join dim.dim_org as orgs on kpis.org_key = orgs.org_key
where kpis.kpi_id = 'K31' and kpis.is_in_force
order by kpis.org_level_code, orgs.org_name, month
