-- Question: What do partners bring, and what do they take? 合作方带来多少，拿走多少？
select
    partners.partner_id,
    partners.partner_name,
    settlement.direction_code,
    sum(settlement.own_quantity) as quantity,
    sum(settlement.own_gross_amt) as gross_amt,
    sum(settlement.own_payable_amt) as payable_amt,
    sum(case when settlement.direction_code = 'PAY' then settlement.own_gross_amt - settlement.own_payable_amt
        else settlement.own_payable_amt end) as kept_amt
from partners.fct_partner_settlement as settlement
inner join dim.dim_partner as partners on settlement.partner_key = partners.partner_key
group by all
order by gross_amt desc, partners.partner_id, settlement.direction_code
