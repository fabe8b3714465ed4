-- Question: Which share of ended contracts is renewed? 合同续签率
select
    period_start,
    org_name,
    numerator as renewed_count,
    denominator as ended_count,
    kpi_value as renewed_share
from kpi.fct_kpi_month
where kpi_id = 'K74' and org_level_code in ('HQ', 'PROVINCE') and is_in_force
order by period_start, org_name
