-- One row per day, city organisation and service: opening, what came, what went, closing.
with subscription_days as (

    select * from {{ ref('fct_subscription_day') }}
    where {{ since_window('snapshot_date') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

-- A subscription that moves to another city goes out of one row and comes into another.
sides as (

    select
        snapshot_date,
        org_id,
        service_code,
        case when was_counted and opening_org_id = org_id then 1 else 0 end as opening_count,
        case when is_new then 1 else 0 end as new_count,
        case when is_regained then 1 else 0 end as regained_count,
        case when is_corrected_in then 1 else 0 end as corrected_in_count,
        case when was_counted and is_counted and opening_org_id <> org_id then 1 else 0 end as moved_in_count,
        case when is_left and opening_org_id = org_id then 1 else 0 end as left_count,
        case when is_corrected_out and opening_org_id = org_id then 1 else 0 end as corrected_out_count,
        0 as moved_out_count,
        case when is_counted then 1 else 0 end as reached_count
    from subscription_days

    union all

    select
        snapshot_date,
        opening_org_id as org_id,
        service_code,
        1 as opening_count,
        0 as new_count,
        0 as regained_count,
        0 as corrected_in_count,
        0 as moved_in_count,
        case when is_left then 1 else 0 end as left_count,
        case when is_corrected_out then 1 else 0 end as corrected_out_count,
        case when is_counted then 1 else 0 end as moved_out_count,
        0 as reached_count
    from subscription_days
    where was_counted and opening_org_id <> org_id

),

summed as (

    select
        snapshot_date,
        org_id,
        service_code,
        cast(sum(opening_count) as bigint) as opening_count,
        cast(sum(new_count) as bigint) as new_count,
        cast(sum(regained_count) as bigint) as regained_count,
        cast(sum(corrected_in_count) as bigint) as corrected_in_count,
        cast(sum(moved_in_count) as bigint) as moved_in_count,
        cast(sum(left_count) as bigint) as left_count,
        cast(sum(corrected_out_count) as bigint) as corrected_out_count,
        cast(sum(moved_out_count) as bigint) as moved_out_count,
        cast(sum(reached_count) as bigint) as reached_count
    from sides
    group by snapshot_date, org_id, service_code

)

select
    -- keys
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    summed.org_id,
    summed.service_code,

    -- measures
    summed.opening_count,
    summed.new_count,
    summed.regained_count,
    summed.corrected_in_count,
    summed.moved_in_count,
    summed.left_count,
    summed.corrected_out_count,
    summed.moved_out_count,
    summed.reached_count,

    -- times
    summed.snapshot_date
from summed
left join orgs on summed.org_id = orgs.org_id
    and {{ valid_on('orgs', 'summed.snapshot_date') }}
