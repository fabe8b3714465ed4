-- Question: Which part of our traffic goes to other networks? 网间话务占比是多少？
with networks as (
    select
        months.month_start_date as month,
        coalesce(operators.operator_name_en, months.counterpart_operator_code) as network,
        sum(months.billed_minutes) as minutes
    from usage.fct_usage_month as months
    left join dim.dim_operator as operators on months.counterpart_operator_key = operators.operator_key
    where months.counterpart_operator_code <> 'NONE'
    group by all
)

select
    month,
    network,
    minutes,
    round(minutes / sum(minutes) over (partition by month), 4) as share_of_minutes
from networks
order by month, minutes desc
