-- Question: Why do customers leave, and how? 客户为什么离网，以何种方式？
select
    leavers.leave_kind_code,
    reasons.reason_name_en as stated_reason,
    reasons.reason_name_zh as stated_reason_zh,
    count(*) as leavers,
    round(100.0 * count(*) / sum(count(*)) over (), 1) as share_pct,
    round(avg(leavers.tenure_months), 1) as mean_tenure_months
from customers.fct_leaver as leavers
inner join dim.dim_reason as reasons on leavers.reason_key = reasons.reason_key
where leavers.is_counted
group by all
order by leavers desc, leavers.leave_kind_code, stated_reason
