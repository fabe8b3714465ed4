-- Question: How many port requests are refused, and why? 携转申请被拒的比例与原因？
with outcomes as (
    select
        port_type_code,
        coalesce(reject_reason_code, case when is_open then 'OPEN' else 'COMPLETED' end) as outcome,
        count(*) as requests
    from competition.fct_port_request
    group by all
)

select
    port_type_code,
    outcome,
    requests,
    round(requests / sum(requests) over (partition by port_type_code), 3) as share
from outcomes
order by port_type_code, requests desc
