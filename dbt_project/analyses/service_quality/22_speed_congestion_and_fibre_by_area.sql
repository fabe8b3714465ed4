-- Question: Where is the network slow or congested, and how much of the access is fibre, by area and month? 各区域网速、拥塞与光纤接入占比
with months as (
    select area_key, date_trunc('month', measured_date) as month, 8 * sum(volume_bytes) as bits, sum(session_s) as session_s,
        sum(busy_hour_count) as busy_hour_count, sum(loaded_hour_count) as loaded_hour_count,
        sum(bearer_congestion_count) as refused_count, sum(bearer_attempt_count) as attempt_count
    from service_quality.fct_network_cell_day group by all
),
sites as (
    select site_id, min(area_id) as area_id from dim.dim_network_element where site_id <> '?' group by site_id
),
circuits as (
    select coalesce(sites.area_id, '?') as area_id, months.month, count(*) as circuit_count,
        count(*) filter (where circuits.access_type_code = 'FIBRE') as fibre_count
    from (select distinct month from months) as months
    inner join dim.dim_circuit as circuits on last_day(months.month) >= circuits.valid_from
        and last_day(months.month) < circuits.valid_to and circuits.status_code = 'ACTIVE'
        and circuits.opened_on <= last_day(months.month)
    left join sites on circuits.a_end_site_id = sites.site_id
    group by all
)
select
    areas.area_id,
    areas.area_class_code,
    months.month,
    round(months.bits / nullif(months.session_s, 0) / 1000.0, 1) as throughput_kbps,
    round(100.0 * months.busy_hour_count / nullif(months.loaded_hour_count, 0), 2) as congested_hours_pct,
    round(100.0 * months.refused_count / nullif(months.attempt_count, 0), 3) as refused_pct,
    coalesce(circuits.circuit_count, 0) as circuit_count,
    coalesce(circuits.fibre_count, 0) as fibre_count,
    round(100.0 * circuits.fibre_count / nullif(circuits.circuit_count, 0), 1) as fibre_pct
from months
inner join dim.dim_area as areas on months.area_key = areas.area_key
left join circuits on areas.area_id = circuits.area_id and months.month = circuits.month
order by areas.area_id, months.month
