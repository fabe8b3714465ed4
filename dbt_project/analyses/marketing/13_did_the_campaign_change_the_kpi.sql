-- Question: How did response, conversion, uplift and return develop, month by month? 响应率、转化率、提升度与投资回报逐月如何？
select
    period_start,
    breakdown_code,
    round(kpi_value, 4) as kpi_value,
    status_code
from kpi.fct_kpi_month
where kpi_id = 'K63' and org_level_code = 'HQ'
order by period_start, breakdown_code;
