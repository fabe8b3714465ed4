-- Question: Which charge items carry the revenue? 收入由哪些帐目构成？
select
    charges.billing_month,
    items.charge_item_name_en,
    items.charge_item_name_zh,
    sum(charges.gross_amt) as gross_amt,
    sum(charges.discount_amt) as discount_amt,
    sum(charges.net_amt) as net_amt,
    round(100.0 * sum(charges.net_amt) / sum(sum(charges.net_amt)) over (partition by charges.billing_month), 2)
        as share_pct
from revenue.fct_bill_charge as charges
inner join dim.dim_charge_item as items on charges.charge_item_key = items.charge_item_key
group by charges.billing_month, items.charge_item_name_en, items.charge_item_name_zh
order by charges.billing_month, net_amt desc, items.charge_item_name_en
