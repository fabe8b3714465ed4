-- One row per partner, service, direction and period of a price and share, as the newest list that has it says; and
-- the unknown member. Settlement takes the rate of the day on which a fee was taken.
with rates as (

    select
        *,
        row_number() over (
            partition by partner_id, service_code, direction_code, valid_from
            order by file_date desc, source_file, line_number
        ) as copy_number
    from {{ ref('stg_crm__partner_rate') }}

)

select
    -- keys
    {{ surrogate_key(['partner_id', 'service_code', 'direction_code', 'valid_from']) }} as partner_rate_key,
    partner_id,
    service_code,
    contract_id,

    -- attributes
    direction_code,
    unit_fee_amt,
    share_rate,

    -- validity
    valid_from,
    coalesce(valid_to, cast('9999-12-31' as date)) as valid_to
from rates
where copy_number = 1

union all

select
    {{ unknown_key() }} as partner_rate_key,
    '?' as partner_id,
    '?' as service_code,
    '?' as contract_id,
    '?' as direction_code,
    cast(null as decimal(18, 2)) as unit_fee_amt,
    cast(null as decimal(9, 4)) as share_rate,
    cast('1900-01-01' as date) as valid_from,
    cast('9999-12-31' as date) as valid_to
