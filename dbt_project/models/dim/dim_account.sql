-- One row per account and period without a change, from the daily lists; and the unknown member.
with source as (

    select * from {{ ref('stg_billing__account') }}

),

versions as (

    {{ history('source', 'account_id', [
        'customer_id', 'payment_method_code', 'bank_account_token', 'is_prepaid', 'cycle_group_code',
        'credit_grade_code', 'status_code', 'bank_code', 'opened_on',
    ]) }}

),

payment_methods as (

    select * from {{ ref('payment_methods') }}

)

select
    -- keys
    {{ surrogate_key(['versions.account_id', 'versions.valid_from']) }} as account_key,
    versions.account_id,
    versions.customer_id,

    -- attributes
    versions.payment_method_code,
    coalesce(payment_methods.name_en, 'Unknown') as payment_method_name_en,
    coalesce(payment_methods.name_zh, '未知') as payment_method_name_zh,
    versions.bank_account_token,
    versions.bank_code,
    versions.is_prepaid,
    versions.cycle_group_code,
    versions.credit_grade_code,
    versions.status_code,
    versions.opened_on,

    -- validity
    versions.valid_from,
    versions.valid_to,
    versions.is_current
from versions
left join payment_methods on versions.payment_method_code = payment_methods.payment_method_code

union all

select
    {{ unknown_key() }} as account_key,
    '?' as account_id,
    '?' as customer_id,
    '?' as payment_method_code,
    'Unknown' as payment_method_name_en,
    '未知' as payment_method_name_zh,
    cast(null as bigint) as bank_account_token,
    '?' as bank_code,
    false as is_prepaid,
    '?' as cycle_group_code,
    '?' as credit_grade_code,
    '?' as status_code,
    cast(null as date) as opened_on,
    cast('1900-01-01' as date) as valid_from,
    cast('9999-12-31' as date) as valid_to,
    true as is_current
