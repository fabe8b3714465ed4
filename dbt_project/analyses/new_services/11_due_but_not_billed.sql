-- Question: Which fees are due and never reach a bill? 哪些应收增值业务费没有出帐？
select
    billing_month,
    org_id,
    count(case when unbilled_amt > 0 then 1 end) as subscription_count,
    sum(due_amt) as due_amt,
    sum(unbilled_amt) as unbilled_amt,
    round(100 * sum(unbilled_amt) / nullif(sum(due_amt), 0), 2) as unbilled_percent
from new_services.fct_service_billing_month
group by billing_month, org_id
order by unbilled_amt desc, billing_month, org_id
