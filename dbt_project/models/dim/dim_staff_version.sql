-- One row per staff member and period in which the staff lists said the same: role, unit and status as they were; and
-- the unknown member. Measures of staff go to the role that held when they happened.
with lists as (

    select * from {{ ref('stg_crm__staff') }}

),

versions as (

    {{ history('lists', 'staff_id', ['org_id', 'role_code', 'status_code']) }}

)

select
    -- keys
    {{ surrogate_key(['staff_id', 'valid_from']) }} as staff_version_key,
    staff_id,
    org_id,

    -- attributes
    role_code,
    status_code,

    -- validity
    valid_from,
    valid_to,
    is_current
from versions

union all

select
    {{ unknown_key() }} as staff_version_key,
    '?' as staff_id,
    '?' as org_id,
    '?' as role_code,
    '?' as status_code,
    cast('1900-01-01' as date) as valid_from,
    cast('9999-12-31' as date) as valid_to,
    true as is_current
