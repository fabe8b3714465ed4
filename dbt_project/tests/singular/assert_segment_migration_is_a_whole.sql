-- The shares of every segment of the month before add up to 1, and nobody of it is lost on the way.
{{ config(meta={'requirement': 'ANA20'}) }}
select
    scheme_code,
    as_of_month,
    from_segment_code,
    sum(customer_share) as total_share,
    sum(customer_count) as customer_count,
    max(from_count) as from_count
from {{ ref('mart_segment_migration') }}
group by scheme_code, as_of_month, from_segment_code
having abs(sum(customer_share) - 1) > 0.000000001 or sum(customer_count) <> max(from_count)
