-- Question: Which usage is rated otherwise than its tariff says? 哪些话单批价与资费不符？
select
    difference_kind_code,
    usage_type_code,
    offer_id,
    tariff_version,
    version_in_force,
    count(*) as records,
    sum(expected_amt) as expected_amt,
    sum(rated_amt) as rated_amt,
    sum(difference_amt) as difference_amt
from usage.fct_rating_difference
group by all
order by abs(sum(difference_amt)) desc, difference_kind_code, usage_type_code, offer_id
