-- Question: How many numbers of each rival do we see, how many are new, how many are gone? 竞争对手号码的到达、新增与消失？
select
    operators.operator_name_en as operator,
    stock.number_month as month,
    sum(stock.opening_count) as opening,
    sum(stock.new_count) as new_numbers,
    sum(stock.regained_count) as seen_again,
    sum(stock.lost_count) as lost,
    sum(stock.closing_count) as closing
from competition.fct_competitor_stock_month as stock
left join dim.dim_operator as operators on stock.counterpart_operator_key = operators.operator_key
group by all
order by operator, month
