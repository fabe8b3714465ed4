-- Question: Is settlement right: where do we differ, and why? 结算对不对：差异在哪里，原因是什么？
select
    settlement_month,
    partner_id,
    service_code,
    direction_code,
    difference_kind_code,
    own_quantity,
    stated_quantity,
    own_payable_amt,
    stated_payable_amt,
    difference_amt
from partners.fct_partner_settlement
where difference_kind_code <> 'none'
order by abs(difference_amt) desc, settlement_month, partner_id, service_code
