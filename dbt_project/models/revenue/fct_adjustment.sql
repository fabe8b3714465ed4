-- One row per adjustment of a bill (waiver, credit, correction); one delivered again on a later day is left out.
with adjustments as (

    select
        *,
        cast(adjusted_at_local as date) as adjusted_date,
        {{ repeats_record(['adjustment_id']) }} as is_copy
    from {{ ref('stg_billing__adjustment') }}

),

accounts as (

    select * from {{ ref('dim_account') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

reasons as (

    select * from {{ ref('dim_reason') }}
    where scheme_code = 'adjustment'

),

staff as (

    select * from {{ ref('dim_staff') }}

)

select
    -- keys
    {{ surrogate_key(['adjustments.adjustment_id']) }} as adjustment_key,
    coalesce(accounts.account_key, {{ unknown_key() }}) as account_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(reasons.reason_key, {{ unknown_key() }}) as reason_key,
    coalesce(staff.staff_key, {{ unknown_key() }}) as approver_staff_key,
    adjustments.adjustment_id,
    adjustments.account_id,
    adjustments.bill_id,

    -- attributes
    adjustments.reason_code,

    -- measures
    adjustments.adjustment_amt,
    'CNY' as currency_code,

    -- times and lineage
    adjustments.adjusted_at,
    adjustments.adjusted_at_local,
    adjustments.adjusted_date,
    adjustments.source_file,
    adjustments.line_number,
    adjustments.file_date
from adjustments
left join accounts on adjustments.account_id = accounts.account_id
    and {{ valid_on('accounts', 'adjustments.adjusted_date') }}
left join customers on accounts.customer_id = customers.customer_id
    and {{ valid_on('customers', 'adjustments.adjusted_date') }}
left join orgs on customers.org_id = orgs.org_id and {{ valid_on('orgs', 'adjustments.adjusted_date') }}
left join reasons on adjustments.reason_code = reasons.reason_code
left join staff on adjustments.approver_staff_id = staff.staff_id
where not adjustments.is_copy
