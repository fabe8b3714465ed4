-- Question: Does ageing equipment fail more often? 设备年限与故障次数有关吗？
select
    case
        when days.measured_date - cells.installed_on < 3 * 365 then '1: under 3 years'
        when days.measured_date - cells.installed_on < 6 * 365 then '2: 3 to 6 years'
        else '3: over 6 years'
    end as age_band,
    count(distinct days.cell_id) as cell_count,
    sum(days.failure_count) as failure_count,
    round(1000.0 * sum(days.failure_count) / count(*), 2) as failures_per_1000_cell_days,
    round(sum(days.unavailable_s - days.planned_unavailable_s) / 3600.0, 1) as unplanned_hours
from service_quality.fct_cell_availability_day as days
inner join dim.dim_network_element as cells on days.network_element_key = cells.network_element_key
where cells.installed_on is not null
group by all
order by age_band
