-- Question: What is churn when those who only changed the number are left out? 剔除重入网后的离网率是多少？
with leavers as (
    select
        date_trunc('month', left_on) as month,
        count(*) as left_count,
        count(*) filter (where is_replaced) as replaced_count
    from customers.fct_leaver
    where is_counted
    group by all
)
select
    leavers.month,
    leavers.left_count,
    leavers.replaced_count,
    bases.numerator as average_subscriptions,
    round(100.0 * leavers.left_count / bases.numerator, 3) as churn_pct,
    round(100.0 * (leavers.left_count - leavers.replaced_count) / bases.numerator, 3) as adjusted_churn_pct
from leavers
inner join kpi.fct_kpi_month as bases on bases.kpi_id = 'K05' and bases.org_level_code = 'HQ' and bases.is_in_force
    and leavers.month = bases.period_start
order by leavers.month
