-- Question: How much of the settlement is agreed without question? 无异议结算占比？
select
    settlement_month,
    direction_code,
    count(*) as line_count,
    count(case when is_agreed then 1 end) as agreed_count,
    sum(own_payable_amt) as own_payable_amt,
    sum(stated_payable_amt) as stated_payable_amt,
    sum(difference_amt) as difference_amt
from partners.fct_partner_settlement
group by settlement_month, direction_code
order by settlement_month, direction_code
