-- One row per offer, tariff component and version, as the newest list that has it says; and the unknown member.
with components as (

    select
        *,
        row_number() over (
            partition by offer_id, component_code, tariff_version order by file_date desc, source_file, line_number
        ) as copy_number
    from {{ ref('stg_billing__offer') }}

)

select
    -- keys
    {{ surrogate_key(['offer_id', 'component_code', 'tariff_version']) }} as tariff_version_key,
    offer_id,
    component_code,
    tariff_version,

    -- attributes
    unit_code,
    unit_price_amt,
    included_quantity,

    -- validity
    valid_from,
    coalesce(valid_to, cast('9999-12-31' as date)) as valid_to
from components
where copy_number = 1

union all

select
    {{ unknown_key() }} as tariff_version_key,
    '?' as offer_id,
    '?' as component_code,
    '?' as tariff_version,
    '?' as unit_code,
    cast(null as decimal(18, 8)) as unit_price_amt,
    cast(null as decimal(18, 3)) as included_quantity,
    cast('1900-01-01' as date) as valid_from,
    cast('9999-12-31' as date) as valid_to
