-- Question: Where does a counterpart settle something other than what we counted? 网间结算单与我方话单的差异在哪里？
select
    settlement.settlement_month,
    orgs.org_name,
    operators.operator_name_en as operator,
    settlement.service_code,
    settlement.in_quantity,
    settlement.stated_in_quantity,
    settlement.fee_in_difference_amt,
    settlement.fee_out_difference_amt,
    case
        when settlement.in_quantity <> settlement.stated_in_quantity
            or settlement.out_quantity <> settlement.stated_out_quantity then 'quantity'
        else 'price'
    end as difference_kind
from competition.fct_interconnect_settlement as settlement
left join dim.dim_org as orgs on settlement.org_key = orgs.org_key
left join dim.dim_operator as operators on settlement.counterpart_operator_key = operators.operator_key
where settlement.is_different
order by settlement.settlement_month, orgs.org_name, operator
