-- Question: What is commission paid for? 酬金支付在哪些规则上？
select
    commission_month,
    rule_code,
    count(*) as amount_count,
    sum(commission_amt) as commission_amt,
    count(distinct dealer_id) as dealer_count
from partners.fct_dealer_commission
group by commission_month, rule_code
order by commission_month, rule_code
