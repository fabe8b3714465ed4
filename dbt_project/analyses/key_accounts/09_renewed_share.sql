-- Question: Which share of ended contracts is renewed? 合同续签率
select
    kpis.period_start,
    orgs.org_name,
    kpis.numerator as renewed_count,
    kpis.denominator as ended_count,
    kpis.kpi_value as renewed_share
from kpi.fct_kpi_month as kpis
inner join dim.dim_org as orgs on kpis.org_key = orgs.org_key
where kpis.kpi_id = 'K74' and kpis.org_level_code in ('HQ', 'PROVINCE') and kpis.is_in_force
order by kpis.period_start, orgs.org_name
