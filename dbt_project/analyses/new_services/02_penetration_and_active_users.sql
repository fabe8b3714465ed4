-- Question: How deep does each service reach, and is it used? 各业务渗透率与活跃用户率如何？
select
    period_start,
    breakdown_code,
    numerator,
    denominator,
    round(100 * numerator / nullif(denominator, 0), 2) as percent
from kpi.fct_kpi_month
where kpi_id = 'K71' and is_in_force and org_level_code = 'HQ'
order by breakdown_code, period_start
