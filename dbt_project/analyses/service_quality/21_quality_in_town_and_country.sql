-- Question: How far apart are town and country in each network KPI? 各网络质量指标的城乡差距
with days as (
    select *, date_trunc('month', measured_date) as month from service_quality.fct_network_cell_day
),
parts as (
    select 'K51' as kpi_id, 'PLANNED_IN' as breakdown_code, month, org_key, area_class_code,
        sum(measured_s - unavailable_s) as numerator, sum(measured_s) as denominator
    from days group by all
    union all
    select 'K51', 'PLANNED_OUT', month, org_key, area_class_code, sum(measured_s - unavailable_s),
        sum(measured_s - planned_unavailable_s)
    from days group by all
    union all
    select 'K52', 'ALL', month, org_key, area_class_code, sum(measured_s - unavailable_s), sum(failure_count)
    from days group by all
    union all
    select 'K53', 'ALL', month, org_key, area_class_code,
        cast(sum(connection_success_count) as double) * sum(bearer_success_count),
        cast(sum(connection_attempt_count) as double) * sum(bearer_attempt_count)
    from days group by all
    union all
    select 'K54', 'ALL', month, org_key, area_class_code, sum(bearer_drop_count), sum(bearer_release_count)
    from days group by all
    union all
    select 'K55', 'REFUSED', month, org_key, area_class_code, sum(bearer_congestion_count), sum(bearer_attempt_count)
    from days group by all
    union all
    select 'K55', 'BUSY_HOUR', month, org_key, area_class_code, sum(busy_hour_count), sum(loaded_hour_count)
    from days group by all
    union all
    select 'K56', 'MEAN', month, org_key, area_class_code, sum(resource_blocks_pct_sum),
        sum(resource_blocks_pct_sample_count)
    from days group by all
    union all
    select 'K57', 'ALL', month, org_key, area_class_code, 8 * sum(volume_bytes), sum(session_s)
    from days group by all
    union all
    select 'K58', 'ALL', month, org_key, area_class_code, count(*) filter (where is_bad), count(*) filter (where is_judged)
    from days group by all
    union all
    select 'K59', 'ALL', month, org_key, area_class_code, sum(alarm_count), count(*) filter (where measured_s > 0)
    from days group by all
    union all
    select 'K60', 'ALL', month, org_key, area_class_code, sum(customer_minutes), null
    from days group by all
)
select
    parts.kpi_id,
    parts.breakdown_code,
    names.name_zh,
    parts.month,
    orgs.org_id as city_id,
    parts.area_class_code,
    parts.numerator,
    parts.denominator,
    round(coalesce(parts.numerator / nullif(parts.denominator, 0), parts.numerator), 6) as kpi_value
from parts
inner join dim.dim_org as orgs on parts.org_key = orgs.org_key
inner join reference.kpis as names on parts.kpi_id = names.kpi_id
order by parts.kpi_id, parts.breakdown_code, parts.month, city_id, parts.area_class_code
