-- Question: How do we sell: directly, through agents, by tender? 各销售方式的合同量与金额？
select
    date_trunc('month', contracts.signed_on) as month,
    contracts.sales_method_code,
    count(*) as contract_count,
    sum(contracts.value_amt) as value_amt,
    count(*) filter (where contracts.is_active) as active_count
from key_accounts.fct_contract as contracts
group by all
order by month, contracts.sales_method_code
