-- In each scheme and month every active customer is in exactly one segment.
{{ config(meta={'requirement': ['ANA20', 'CUS15', 'CUS16']}) }}
with segments as (

    select
        scheme_code,
        as_of_month,
        count(*) as segment_count,
        count(distinct customer_id) as customer_count
    from {{ ref('mart_customer_segment') }}
    group by scheme_code, as_of_month

),

active as (

    select
        as_of_month,
        count(*) as active_count
    from {{ ref('feature_customer_month') }}
    where is_active
    group by as_of_month

)

select
    segments.scheme_code,
    segments.as_of_month,
    segments.segment_count,
    segments.customer_count,
    active.active_count
from segments
left join active on segments.as_of_month = active.as_of_month
where segments.segment_count <> segments.customer_count or segments.customer_count <> coalesce(active.active_count, 0)
