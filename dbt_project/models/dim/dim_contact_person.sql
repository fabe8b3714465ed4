-- One row per contact person of a large customer and period without a change; and the unknown member.
with source as (

    select * from {{ ref('stg_crm__contact_person') }}

),

versions as (

    {{ history('source', 'contact_person_id', [
        'customer_id', 'name_token', 'phone_token', 'position_code', 'influence_code', 'is_primary', 'status_code',
    ]) }}

)

select
    -- keys
    {{ surrogate_key(['contact_person_id', 'valid_from']) }} as contact_person_key,
    contact_person_id,
    customer_id,

    -- attributes
    name_token,
    phone_token,
    position_code,
    influence_code,
    is_primary,
    status_code,

    -- validity
    valid_from,
    valid_to,
    is_current
from versions

union all

select
    {{ unknown_key() }} as contact_person_key,
    '?' as contact_person_id,
    '?' as customer_id,
    cast(null as bigint) as name_token,
    cast(null as bigint) as phone_token,
    '?' as position_code,
    '?' as influence_code,
    false as is_primary,
    '?' as status_code,
    cast('1900-01-01' as date) as valid_from,
    cast('9999-12-31' as date) as valid_to,
    true as is_current
