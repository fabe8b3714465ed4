-- One row per day and city of the cell: mobile data volume as billed and as the network measured it, in the hours of
-- a cell for which every quarter-hour was delivered and trusted. Days up to 31 days before the window are counted
-- again, for late records.
{{ config(enabled=theme_is_on('usage') and theme_is_on('service_quality')) }}

with hours as (

    select
        cell_id,
        org_key,
        hour_at,
        measured_date,
        volume_up_bytes + volume_down_bytes as network_bytes,
        quarter_count = expected_quarter_count and suspect_value_count = 0 and missing_value_count = 0 as is_comparable
    from {{ ref('fct_network_cell_hour') }}
    where {{ since_window('measured_date', lookback_days=31) }}

),

billed as (

    select
        cell_id,
        cast(date_trunc('hour', started_at) as timestamp) as hour_at,
        sum(up_bytes + down_bytes) as billed_bytes
    from {{ ref('fct_usage_event') }}
    where
        record_kind_code = 'rated_data' and cell_id is not null
        and {{ since_window('event_date', lookback_days=31) }}
    group by cell_id, cast(date_trunc('hour', started_at) as timestamp)

),

compared as (

    select
        orgs.org_id,
        hours.measured_date as control_date,
        cast(sum(case when hours.is_comparable then hours.network_bytes else 0 end) as bigint) as network_bytes,
        cast(sum(case when hours.is_comparable then coalesce(billed.billed_bytes, 0) else 0 end) as bigint)
            as billed_bytes,
        cast(sum(case when hours.is_comparable then 1 else 0 end) as bigint) as compared_hour_count,
        count(*) as hour_count
    from hours
    left join {{ ref('dim_org') }} as orgs on hours.org_key = orgs.org_key
    left join billed on hours.cell_id = billed.cell_id and hours.hour_at = billed.hour_at
    group by orgs.org_id, hours.measured_date

)

select
    -- keys
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(compared.org_id, '?') as org_id,

    -- measures
    compared.billed_bytes,
    compared.network_bytes,
    compared.network_bytes - compared.billed_bytes as difference_bytes,
    compared.compared_hour_count,
    compared.hour_count,

    -- times
    compared.control_date
from compared
left join {{ ref('dim_org') }} as orgs on compared.org_id = orgs.org_id
    and {{ valid_on('orgs', 'compared.control_date') }}
