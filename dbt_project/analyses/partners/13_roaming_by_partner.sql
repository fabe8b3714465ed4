-- Question: What do we pay and get for roaming, by partner? 各漫游伙伴应付、应收多少？
select
    partners.partner_name,
    charges.direction_code,
    cast(date_trunc('month', charges.event_date) as date) as month_start,
    count(distinct charges.source_file) as file_count,
    sum(charges.event_count) as event_count,
    sum(charges.charge_amt) as charge_amt
from partners.fct_roaming_charge as charges
inner join dim.dim_partner as partners on charges.partner_key = partners.partner_key
group by all
order by month_start, partners.partner_name, charges.direction_code
