-- Question: Which share of the growth of the market do we get? 新增市场份额是多少？
select
    orgs.org_name,
    kpis.org_level_code,
    kpis.period_start as month,
    cast(kpis.numerator as bigint) as own_net_growth,
    cast(kpis.denominator as bigint) as market_net_growth,
    round(kpis.kpi_value, 3) as incremental_share
from kpi.fct_kpi_month as kpis
left join dim.dim_org as orgs on kpis.org_key = orgs.org_key
where kpis.kpi_id = 'K32' and kpis.is_in_force and kpis.org_level_code in ('HQ', 'PROVINCE')
order by kpis.org_level_code, orgs.org_name, month
