-- Question: Which commission was paid twice, or not taken back? 哪些酬金重复支付或漏扣？
select
    dealer_id,
    subscription_id,
    opened_on,
    active_on,
    left_on,
    commission_amt,
    activate_difference_amt,
    stay_difference_amt,
    clawback_missing_amt
from partners.fct_dealer_number
where activate_difference_amt <> 0 or stay_difference_amt <> 0 or clawback_missing_amt <> 0
order by opened_on, subscription_id
