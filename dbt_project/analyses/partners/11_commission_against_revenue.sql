-- Question: What does a yuan of new revenue cost in commission? 每元新增收入的酬金成本？
select
    period_start,
    org_level_code,
    org_id,
    numerator as commission_amt,
    denominator as revenue_amt,
    round(numerator / nullif(denominator, 0), 3) as commission_per_yuan
from kpi.fct_kpi_month
where kpi_id = 'K67' and is_in_force and org_level_code in ('HQ', 'PROVINCE')
order by period_start, org_level_code, org_id
