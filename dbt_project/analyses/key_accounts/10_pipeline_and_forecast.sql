-- Question: What is in the pipeline and what may we expect of it? 商机储备与预测
select
    snapshot_date,
    stage_code,
    sum(open_count) as open_count,
    sum(value_amt) as value_amt,
    sum(forecast_amt) as forecast_amt
from key_accounts.fct_opportunity_day
where snapshot_date = (select max(snapshot_date) from key_accounts.fct_opportunity_day)
group by all
order by stage_code
