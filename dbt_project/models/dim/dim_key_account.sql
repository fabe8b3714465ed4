-- One row per organisation in the large-customer archive and period without a change; and the unknown member.
with source as (

    select * from {{ ref('stg_crm__key_account') }}

),

versions as (

    {{ history('source', 'customer_id', [
        'is_national_list', 'is_strategic', 'strategic_reason_code', 'strategic_approver_staff_id',
        'strategic_approved_on', 'strategic_review_on', 'override_grade_code', 'override_reason_code',
        'override_staff_id', 'override_until_on', 'archived_on',
    ]) }}

)

select
    -- keys
    {{ surrogate_key(['customer_id', 'valid_from']) }} as key_account_key,
    customer_id,

    -- attributes
    is_national_list,
    is_strategic,
    strategic_reason_code,
    strategic_approver_staff_id,
    strategic_approved_on,
    strategic_review_on,
    override_grade_code,
    override_reason_code,
    override_staff_id,
    override_until_on,
    archived_on,

    -- validity
    valid_from,
    valid_to,
    is_current
from versions

union all

select
    {{ unknown_key() }} as key_account_key,
    '?' as customer_id,
    false as is_national_list,
    false as is_strategic,
    cast(null as string) as strategic_reason_code,
    cast(null as string) as strategic_approver_staff_id,
    cast(null as date) as strategic_approved_on,
    cast(null as date) as strategic_review_on,
    cast(null as string) as override_grade_code,
    cast(null as string) as override_reason_code,
    cast(null as string) as override_staff_id,
    cast(null as date) as override_until_on,
    cast(null as date) as archived_on,
    cast('1900-01-01' as date) as valid_from,
    cast('9999-12-31' as date) as valid_to,
    true as is_current
