-- Question: Which agents bring customers who stay? 哪些代理商带来的客户留得住？
select
    numbers.dealer_id,
    partners.partner_name,
    count(*) as number_count,
    count(case when numbers.active_on is not null then 1 end) as active_count,
    count(case when numbers.is_lost_early then 1 end) as lost_early_count,
    count(case when numbers.is_suspected_farming then 1 end) as suspected_count,
    sum(numbers.net_amt) as net_amt,
    sum(numbers.commission_amt) as commission_amt,
    round(sum(numbers.commission_amt) / nullif(sum(numbers.net_amt), 0), 2) as commission_per_yuan
from partners.fct_dealer_number as numbers
inner join dim.dim_partner as partners on numbers.partner_key = partners.partner_key
group by all
order by number_count desc, numbers.dealer_id
