-- Question: What does a minute and a megabyte bring, and which share of revenue is data? 单位业务量收入与数据收入占比
select
    yields.period_start as month,
    max(yields.kpi_value) filter (where yields.breakdown_code = 'MINUTE') as yuan_per_minute,
    max(yields.kpi_value) filter (where yields.breakdown_code = 'MB') as yuan_per_mb,
    max(yields.kpi_value) filter (where yields.kpi_id = 'K18') as data_share,
    max(yields.kpi_value) filter (where yields.kpi_id = 'K19' and yields.breakdown_code = 'POP') as growth_share
from kpi.fct_kpi_month as yields
where yields.kpi_id in ('K17', 'K18', 'K19') and yields.org_level_code = 'HQ' and yields.is_in_force
group by all
order by month
