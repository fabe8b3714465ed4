-- One row per organisation in the large-customer archive; a full list on each change.
with source as (

    select * from {{ source('crm', 'key_account') }}

)

select
    -- keys
    customer_id,
    account_manager_staff_id,
    service_manager_staff_id,
    strategic_approver_staff_id,
    override_staff_id,

    -- attributes
    is_national_list,
    is_strategic,
    strategic_reason_code,
    override_grade_code,
    override_reason_code,
    archive_type_code,

    -- times
    strategic_approved_on,
    strategic_review_on,
    override_until_on,
    archived_on,

    -- lineage
    source_file,
    line_number,
    cast(file_date as date) as file_date
from source
