-- Question: Which agents farm numbers? 哪些代理商有养卡嫌疑？
select
    dealer_id,
    opened_month,
    count(case when is_judged then 1 end) as judged_count,
    count(case when is_suspected_farming then 1 end) as suspected_count,
    round(100.0 * count(case when is_suspected_farming then 1 end) / nullif(count(case when is_judged then 1 end), 0), 1) as suspected_percent,
    sum(case when is_suspected_farming then commission_amt else 0 end) as commission_on_suspected_amt,
    sum(case when is_suspected_farming then net_amt else 0 end) as net_on_suspected_amt
from partners.fct_dealer_number
group by dealer_id, opened_month
having count(case when is_judged then 1 end) > 0
order by suspected_count desc, dealer_id, opened_month
