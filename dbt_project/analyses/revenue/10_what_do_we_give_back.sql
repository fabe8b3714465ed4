-- Question: What do we give back, why, and who approves it? 减免了什么，原因与审批人
select
    date_trunc('month', adjustments.adjusted_date) as month,
    adjustments.reason_code,
    reasons.reason_name_zh,
    count(*) as credits,
    count(distinct adjustments.approver_staff_key) as approvers,
    sum(adjustments.adjustment_amt) as credited_amt,
    max(adjustments.adjustment_amt) as largest_amt
from revenue.fct_adjustment as adjustments
inner join dim.dim_reason as reasons on adjustments.reason_key = reasons.reason_key
group by all
order by month, credited_amt desc, adjustments.reason_code
