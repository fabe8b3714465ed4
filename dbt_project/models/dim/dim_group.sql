-- One row per group customer and period without a change, from the lists of groups; and the unknown member.
with source as (

    select * from {{ ref('stg_billing__group_customer') }}

),

versions as (

    {{ history('source', 'group_id', [
        'name_token', 'parent_group_id', 'tie_type_code', 'industry_code', 'key_level_code', 'signer_customer_id',
        'manager_staff_id', 'org_id', 'status_code', 'established_on',
    ]) }}

)

select
    -- keys
    {{ surrogate_key(['group_id', 'valid_from']) }} as group_key,
    group_id,
    parent_group_id,
    signer_customer_id,
    org_id,

    -- attributes
    name_token,
    tie_type_code,
    industry_code,
    key_level_code,
    manager_staff_id,
    status_code,
    established_on,

    -- validity
    valid_from,
    valid_to,
    is_current
from versions

union all

select
    {{ unknown_key() }} as group_key,
    '?' as group_id,
    '?' as parent_group_id,
    '?' as signer_customer_id,
    '?' as org_id,
    cast(null as bigint) as name_token,
    '?' as tie_type_code,
    '?' as industry_code,
    '?' as key_level_code,
    '?' as manager_staff_id,
    '?' as status_code,
    cast(null as date) as established_on,
    cast('1900-01-01' as date) as valid_from,
    cast('9999-12-31' as date) as valid_to,
    true as is_current
