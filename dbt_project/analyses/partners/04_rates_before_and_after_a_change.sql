-- Question: Was the share of the day of use applied when a rate changed? 分成比例变更后是否按使用日比例结算？
select
    charges.partner_id,
    charges.service_code,
    rates.valid_from,
    rates.share_rate,
    count(*) as fee_count,
    min(charges.charge_date) as first_charge_date,
    max(charges.charge_date) as last_charge_date,
    sum(charges.fee_amt) as fee_amt,
    sum(charges.share_amt) as share_amt
from new_services.fct_service_charge as charges
inner join dim.dim_partner_rate as rates on charges.partner_rate_key = rates.partner_rate_key
group by all
order by charges.partner_id, charges.service_code, rates.valid_from
