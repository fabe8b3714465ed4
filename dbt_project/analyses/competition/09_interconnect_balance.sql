-- Question: Do we pay other networks more than we receive? 网间结算收支差额是多少？
select
    date_trunc('month', days.event_date) as month,
    operators.operator_name_en as operator,
    sum(days.settled_quantity) filter (where days.direction_code = 'OUT' and days.service_code = 'VOICE') as minutes_out,
    sum(days.settled_quantity) filter (where days.direction_code = 'IN' and days.service_code = 'VOICE') as minutes_in,
    sum(days.fee_amt) filter (where days.direction_code = 'OUT') as paid_yuan,
    sum(days.fee_amt) filter (where days.direction_code = 'IN') as received_yuan,
    sum(case when days.direction_code = 'OUT' then days.fee_amt else -days.fee_amt end) as net_paid_yuan
from competition.fct_interconnect_day as days
left join dim.dim_operator as operators on days.counterpart_operator_key = operators.operator_key
group by all
order by month, operator
