-- Question: How many port requests are refused, and why? 携转申请被拒的比例与原因？
select
    port_type_code,
    coalesce(reject_reason_code, case when is_open then 'OPEN' else 'COMPLETED' end) as outcome,
    count(*) as requests,
    round(count(*) / sum(count(*)) over (partition by port_type_code), 3) as share
from competition.fct_port_request
group by all
order by port_type_code, requests desc
