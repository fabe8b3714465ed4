-- Question: What does each service earn, and what is left after the partner's share? 各业务收入与分成后净额？
select
    charges.charge_month,
    services.service_name_zh,
    count(*) as fee_count,
    sum(charges.fee_amt) as fee_amt,
    sum(charges.share_amt) as share_amt,
    sum(charges.fee_amt) - sum(charges.share_amt) as kept_amt
from new_services.fct_service_charge as charges
inner join dim.dim_service as services on charges.service_key = services.service_key
group by all
order by charges.charge_month, fee_amt desc
