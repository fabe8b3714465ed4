-- Question: How good are our agents? 代理商质量指数排名？
select
    breakdown_code as dealer_id,
    sum(denominator) as number_count,
    round(sum(numerator) / nullif(sum(denominator), 0), 1) as quality_index
from kpi.fct_kpi_month
where kpi_id = 'K66' and is_in_force and org_level_code = 'HQ'
group by breakdown_code
order by quality_index, dealer_id
