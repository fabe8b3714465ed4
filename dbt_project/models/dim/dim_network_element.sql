-- One row per cell and period without a change, from the daily inventory; and the unknown member.
with source as (

    select * from {{ ref('stg_network__cell') }}

),

versions as (

    {{ history('source', 'cell_id', [
        'site_id', 'site_name', 'vendor_code', 'area_id', 'area_class_code', 'org_id', 'generation_code',
        'status_code', 'longitude', 'latitude', 'installed_on',
    ]) }}

)

select
    -- keys
    {{ surrogate_key(['cell_id', 'valid_from']) }} as network_element_key,
    cell_id,
    site_id,
    area_id,
    org_id,

    -- attributes
    site_name,
    vendor_code,
    area_class_code,
    generation_code,
    status_code,
    longitude,
    latitude,
    installed_on,

    -- validity
    valid_from,
    valid_to,
    is_current
from versions

union all

select
    {{ unknown_key() }} as network_element_key,
    '?' as cell_id,
    '?' as site_id,
    '?' as area_id,
    '?' as org_id,
    '未知 Unknown' as site_name,
    '?' as vendor_code,
    '?' as area_class_code,
    '?' as generation_code,
    '?' as status_code,
    cast(null as decimal(9, 6)) as longitude,
    cast(null as decimal(9, 6)) as latitude,
    cast(null as date) as installed_on,
    cast('1900-01-01' as date) as valid_from,
    cast('9999-12-31' as date) as valid_to,
    true as is_current
