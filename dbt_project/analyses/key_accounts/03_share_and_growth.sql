-- Question: Which share of revenue do they bring, and does it grow among those that stayed? 收入占比与可比增长
select
    large.month_start_date,
    any_value(kpis.kpi_value) as revenue_share,
    sum(large.net_amt) filter (large.is_comparable) as comparable_amt,
    sum(large.last_month_net_amt) filter (large.is_comparable) as comparable_last_month_amt,
    round(
        sum(large.net_amt) filter (large.is_comparable)
        / nullif(sum(large.last_month_net_amt) filter (large.is_comparable), 0) - 1, 4
    ) as comparable_growth
from key_accounts.fct_large_customer_month as large
inner join kpi.fct_kpi_month as kpis on large.month_start_date = kpis.period_start
    and kpis.kpi_id = 'K22' and kpis.org_level_code = 'HQ' and kpis.is_in_force
where large.is_large
group by large.month_start_date
order by large.month_start_date
