-- One row per staff member, as the newest list that has them says; and the unknown member.
with lists as (

    select
        *,
        row_number() over (
            partition by staff_id order by file_date desc, source_file, line_number
        ) as copy_number
    from {{ ref('stg_crm__staff') }}

)

select
    -- keys
    {{ surrogate_key(['staff_id']) }} as staff_key,
    staff_id,
    org_id,

    -- attributes
    name_token,
    phone_token,
    role_code,
    status_code,
    hired_on,
    left_on
from lists
where copy_number = 1

union all

select
    {{ unknown_key() }} as staff_key,
    '?' as staff_id,
    '?' as org_id,
    cast(null as bigint) as name_token,
    cast(null as bigint) as phone_token,
    '?' as role_code,
    '?' as status_code,
    cast(null as date) as hired_on,
    cast(null as date) as left_on
