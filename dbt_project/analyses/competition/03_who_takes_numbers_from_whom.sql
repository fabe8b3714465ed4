-- Question: Who takes numbers from whom? 携号转网的流向如何？
select
    operators.operator_name_en as other_operator,
    date_trunc('month', ports.completed_date) as month,
    count(*) filter (where ports.port_type_code = 'IN') as ported_in,
    count(*) filter (where ports.port_type_code = 'OUT') as ported_out,
    count(*) filter (where ports.port_type_code = 'IN') - count(*) filter (where ports.port_type_code = 'OUT') as balance,
    round(avg(ports.completion_s) / 3600, 1) as hours_to_complete
from competition.fct_port_request as ports
left join dim.dim_operator as operators on ports.counterpart_operator_key = operators.operator_key
where ports.is_completed
group by all
order by month, other_operator
