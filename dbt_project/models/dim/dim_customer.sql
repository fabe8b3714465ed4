-- One row per customer and period without a change, from the daily lists; and the unknown member.
with source as (

    select
        *,
        birth_year - birth_year % 10 as birth_decade
    from {{ ref('stg_billing__customer') }}

),

versions as (

    {{ history('source', 'customer_id', [
        'customer_type_code', 'customer_level_code', 'service_grade_code', 'industry_code', 'status_code',
        'is_important', 'has_consent', 'group_id', 'org_id', 'name_token', 'id_document_token',
        'birth_decade', 'created_on',
    ]) }}

),

customer_types as (

    select * from {{ ref('customer_types') }}

),

service_grades as (

    select * from {{ ref('service_grades') }}

)

select
    -- keys
    {{ surrogate_key(['versions.customer_id', 'versions.valid_from']) }} as customer_key,
    versions.customer_id,
    versions.group_id,
    versions.org_id,

    -- attributes
    versions.customer_type_code,
    coalesce(customer_types.name_en, 'Unknown') as customer_type_name_en,
    coalesce(customer_types.name_zh, '未知') as customer_type_name_zh,
    coalesce(customer_types.customer_class_code, '?') as customer_class_code,
    versions.customer_level_code,
    versions.service_grade_code,
    coalesce(service_grades.name_en, 'Unknown') as service_grade_name_en,
    coalesce(service_grades.name_zh, '未知') as service_grade_name_zh,
    versions.industry_code,
    versions.status_code,
    coalesce(versions.is_important, customer_types.is_important, false) as is_important,
    coalesce(versions.has_consent, false) as has_consent,
    versions.name_token,
    versions.id_document_token,
    versions.birth_decade,
    versions.created_on,

    -- validity
    versions.valid_from,
    versions.valid_to,
    versions.is_current
from versions
left join customer_types on versions.customer_type_code = customer_types.customer_type_code
left join service_grades on versions.service_grade_code = service_grades.service_grade_code

union all

select
    {{ unknown_key() }} as customer_key,
    '?' as customer_id,
    '?' as group_id,
    '?' as org_id,
    '?' as customer_type_code,
    'Unknown' as customer_type_name_en,
    '未知' as customer_type_name_zh,
    '?' as customer_class_code,
    '?' as customer_level_code,
    '?' as service_grade_code,
    'Unknown' as service_grade_name_en,
    '未知' as service_grade_name_zh,
    '?' as industry_code,
    '?' as status_code,
    false as is_important,
    false as has_consent,
    cast(null as bigint) as name_token,
    cast(null as bigint) as id_document_token,
    cast(null as int) as birth_decade,
    cast(null as date) as created_on,
    cast('1900-01-01' as date) as valid_from,
    cast('9999-12-31' as date) as valid_to,
    true as is_current
