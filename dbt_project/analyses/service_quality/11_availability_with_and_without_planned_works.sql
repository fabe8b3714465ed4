-- Question: How available is the network, with and without planned works, in towns and in the country? 城乡网络可用率（含/不含计划工程）各是多少？
select
    strftime(days.measured_date, '%Y-%m') as measured_month,
    cells.area_class_code,
    count(distinct days.cell_id) as cell_count,
    round(100.0 * (1 - sum(days.unavailable_s) / nullif(sum(days.measured_s), 0)), 4) as planned_in_pct,
    round(100.0 * (1 - (sum(days.unavailable_s) - sum(days.planned_unavailable_s))
        / nullif(sum(days.measured_s) - sum(days.planned_unavailable_s), 0)), 4) as planned_out_pct,
    sum(days.failure_count) as failure_count
from service_quality.fct_cell_availability_day as days
inner join dim.dim_network_element as cells on days.network_element_key = cells.network_element_key
group by all
order by measured_month, cells.area_class_code
