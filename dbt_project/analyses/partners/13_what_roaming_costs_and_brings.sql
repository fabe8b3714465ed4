-- Question: What does roaming cost and bring, by partner? 国际漫游的结算支出与收入（按伙伴）？
select
    charges.direction_code,
    operators.operator_name_en as partner,
    charges.service_kind_code,
    sum(charges.event_count) as events,
    round(sum(charges.duration_s) / 60.0, 1) as minutes,
    round(sum(charges.received_bytes + charges.sent_bytes) / 1048576.0, 1) as megabytes,
    sum(charges.charge_tap_amt) as charge_xdr,
    sum(charges.charge_amt) as charge_yuan
from partners.fct_roaming_charge as charges
left join dim.dim_operator as operators on charges.partner_operator_key = operators.operator_key
group by all
order by charges.direction_code, charge_yuan desc
