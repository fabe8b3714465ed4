-- One row per scheme, month and pair of segments: how many customers moved from the one to the other in the month, or
-- stayed. Whoever was not active before comes from (new), whoever is not any more goes to (gone). Shares of a segment
-- add up to 1. Where the scheme of behaviour is new, both months are counted under the new one.
{{ config(alias='segment_migration') }}

with segments as (

    select * from {{ ref('mart_customer_segment') }}
    where scheme_code <> 'behaviour'

),

pairs_of_months as (

    select distinct
        scheme_code,
        {{ add_months('as_of_month', 1) }} as as_of_month
    from segments
    intersect
    select distinct
        scheme_code,
        as_of_month
    from segments

),

steps as (

    select
        pairs_of_months.scheme_code,
        pairs_of_months.as_of_month,
        segments.customer_id,
        segments.segment_code as from_segment_code,
        cast(null as string) as to_segment_code,
        cast(null as string) as scheme_version
    from pairs_of_months
    inner join segments on pairs_of_months.scheme_code = segments.scheme_code
        and {{ add_months('pairs_of_months.as_of_month', -1) }} = segments.as_of_month

    union all

    select
        pairs_of_months.scheme_code,
        pairs_of_months.as_of_month,
        segments.customer_id,
        cast(null as string) as from_segment_code,
        segments.segment_code as to_segment_code,
        segments.scheme_version
    from pairs_of_months
    inner join segments on pairs_of_months.scheme_code = segments.scheme_code
        and pairs_of_months.as_of_month = segments.as_of_month

),

moves as (

    select
        scheme_code,
        as_of_month,
        customer_id,
        coalesce(max(from_segment_code), '(new)') as from_segment_code,
        coalesce(max(to_segment_code), '(gone)') as to_segment_code
    from steps
    group by scheme_code, as_of_month, customer_id

),

counted as (

    select
        scheme_code,
        as_of_month,
        cast(null as string) as scheme_version,
        from_segment_code,
        to_segment_code,
        count(*) as customer_count
    from moves
    group by scheme_code, as_of_month, from_segment_code, to_segment_code

    union all

    select
        'behaviour' as scheme_code,
        as_of_month,
        scheme_version,
        coalesce(cast(from_segment_number as string), '(new)') as from_segment_code,
        coalesce(cast(to_segment_number as string), '(gone)') as to_segment_code,
        customer_count
    from {{ source('analytics', 'segment_migration') }}

),

totals as (

    select
        *,
        sum(customer_count) over (partition by scheme_code, as_of_month, from_segment_code) as from_count
    from counted

)

select
    -- keys
    {{ surrogate_key(['scheme_code', 'as_of_month', 'from_segment_code', 'to_segment_code']) }}
        as segment_migration_key,
    scheme_code as entity_id,

    -- attributes
    'scheme x month x segment x segment' as grain,
    scheme_code,
    scheme_version,
    from_segment_code,
    to_segment_code,
    from_segment_code = to_segment_code as is_stayed,

    -- measures
    customer_count,
    cast(from_count as bigint) as from_count,
    cast(customer_count as double) / from_count as customer_share,

    -- times
    {{ add_days('as_of_month', -1) }} as from_date,
    {{ add_days(add_months('as_of_month', 1), -1) }} as as_of_date,
    as_of_month
from totals
