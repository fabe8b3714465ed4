-- Question: With whom do our customers talk: on-net, rivals, fixed, abroad? 网内与网间通话结构
select
    months.counterpart_operator_code,
    operators.operator_name_en,
    months.direction_code,
    sum(months.record_count) as calls,
    sum(months.billed_minutes) as billed_minutes,
    round(100.0 * sum(months.billed_minutes) / sum(sum(months.billed_minutes)) over (), 2) as share_pct
from usage.fct_usage_month as months
inner join dim.dim_operator as operators on months.counterpart_operator_key = operators.operator_key
where months.billed_minutes > 0
group by all
order by billed_minutes desc, months.counterpart_operator_code, months.direction_code
