-- Question: With whom do our customers talk: on-net, rivals, fixed, abroad? 网内与网间通话结构
select
    days.counterpart_operator_code,
    operators.operator_name_en,
    days.direction_code,
    sum(days.record_count) as calls,
    sum(days.billed_minutes) as billed_minutes,
    round(100.0 * sum(days.billed_minutes) / sum(sum(days.billed_minutes)) over (), 2) as share_pct
from usage.fct_usage_day as days
inner join dim.dim_operator as operators on days.counterpart_operator_key = operators.operator_key
where days.billed_minutes > 0
group by all
order by billed_minutes desc, days.counterpart_operator_code, days.direction_code
