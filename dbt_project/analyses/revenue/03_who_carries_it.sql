-- Question: Which kinds of customers carry the revenue? 收入由哪些客户群贡献？
select
    shares.period_start as month,
    shares.breakdown_code as customer_type_code,
    types.name_en,
    types.name_zh,
    round(shares.numerator, 2) as revenue_amt,
    round(100 * shares.kpi_value, 2) as share_pct
from kpi.fct_kpi_month as shares
left join reference.customer_types as types on shares.breakdown_code = types.customer_type_code
where shares.kpi_id = 'K20' and shares.org_level_code = 'HQ' and shares.is_in_force
order by month, share_pct desc, customer_type_code
