-- Question: What is the balance of minutes and fees with each other network? 与各网间的话务与费用差额？
select
    counterpart_operator_code,
    cast(date_trunc('month', event_date) as date) as month_start,
    sum(case when direction_code = 'OUT' and service_code = 'VOICE' then settled_quantity else 0 end) as minutes_out,
    sum(case when direction_code = 'IN' and service_code = 'VOICE' then settled_quantity else 0 end) as minutes_in,
    sum(case when direction_code = 'OUT' then fee_amt else 0 end) as fee_out_amt,
    sum(case when direction_code = 'IN' then fee_amt else 0 end) as fee_in_amt,
    sum(case when direction_code = 'OUT' then fee_amt else -fee_amt end) as balance_amt
from competition.fct_interconnect_day
group by all
order by month_start, counterpart_operator_code
