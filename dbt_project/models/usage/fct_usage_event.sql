-- One row per rated voice, message or data record, copies of a record left out (they are in fct_usage_copy).
with delivered as (

    select * from {{ ref('int_usage_record') }}
    where {{ since_window('file_date') }}

),

copies as (

    select * from {{ ref('fct_usage_copy') }}
    where {{ since_window('file_date') }}

),

records as (

    select delivered.*
    from delivered
    left join copies on delivered.source_file = copies.source_file
        and delivered.line_number = copies.line_number
        and delivered.file_date = copies.file_date
    where copies.usage_copy_key is null

),

subscriptions as (

    select * from {{ ref('dim_subscription') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

cells as (

    select * from {{ ref('dim_network_element') }}

),

usage_types as (

    select * from {{ ref('dim_usage_type') }}

),

operators as (

    select * from {{ ref('dim_operator') }}

)

select
    -- keys
    {{ surrogate_key(['records.record_kind_code', 'records.record_id', 'records.file_date']) }} as usage_event_key,
    coalesce(subscriptions.subscription_key, {{ unknown_key() }}) as subscription_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(cells.network_element_key, {{ unknown_key() }}) as network_element_key,
    coalesce(usage_types.usage_type_key, {{ unknown_key() }}) as usage_type_key,
    coalesce(operators.operator_key, {{ unknown_key() }}) as counterpart_operator_key,
    records.subscription_id,
    records.cell_id,
    records.record_kind_code,
    records.record_id,

    -- attributes
    records.usage_type_code,
    coalesce(subscriptions.service_code, '?') as service_code,
    records.direction_code,
    records.counterpart_operator_code,
    records.counterpart_token,
    records.roam_type_code,
    records.tariff_version,

    -- measures
    records.duration_s,
    cast(ceil(cast(records.duration_s as double) / 60) as bigint) as billed_minutes,
    records.up_bytes,
    records.down_bytes,
    records.rated_amt,
    records.free_unit_used,

    -- times and lineage
    records.started_at,
    records.started_at_local,
    cast(records.started_at_local as date) as event_date,
    records.source_file,
    records.line_number,
    records.file_date
from records
left join subscriptions on records.subscription_id = subscriptions.subscription_id
    and {{ valid_on('subscriptions', 'cast(records.started_at_local as date)') }}
left join orgs on subscriptions.org_id = orgs.org_id
    and {{ valid_on('orgs', 'cast(records.started_at_local as date)') }}
left join cells on records.cell_id = cells.cell_id
    and {{ valid_on('cells', 'cast(records.started_at_local as date)') }}
left join usage_types on records.usage_type_code = usage_types.usage_type_code
left join operators on records.counterpart_operator_code = operators.operator_code
