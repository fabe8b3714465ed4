-- One row per refund of a fee for a value-added service, paid out beside the bill; the first copy of a record wins.
-- The partner bears its share at the rate of the day on which the fee was taken.
with refunds as (

    select
        *,
        cast(refunded_at_local as date) as refund_date,
        row_number() over (partition by refund_id order by file_date, source_file, line_number) as copy_number
    from {{ ref('stg_billing__service_refund') }}

),

rates as (

    select * from {{ ref('dim_partner_rate') }}
    where direction_code = 'PAY'

),

versions as (

    select * from {{ ref('dim_subscription') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

services as (

    select * from {{ ref('dim_service') }}

),

partners as (

    select * from {{ ref('dim_partner') }}

)

select
    -- keys
    {{ surrogate_key(['refunds.refund_id']) }} as service_refund_key,
    coalesce(versions.subscription_key, {{ unknown_key() }}) as subscription_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(services.service_key, {{ unknown_key() }}) as service_key,
    coalesce(partners.partner_key, {{ unknown_key() }}) as partner_key,
    coalesce(rates.partner_rate_key, {{ unknown_key() }}) as partner_rate_key,
    refunds.refund_id,
    refunds.subscription_id,
    coalesce(versions.org_id, '?') as org_id,
    refunds.service_code,
    refunds.partner_id,

    -- attributes
    refunds.reason_code,
    refunds.source_code,

    -- measures
    refunds.refund_amt,
    cast(rates.share_rate as decimal(9, 4)) as share_rate,
    cast(round(coalesce(refunds.refund_amt * rates.share_rate, 0), 2) as decimal(18, 2)) as share_amt,
    'CNY' as currency_code,

    -- times and lineage
    refunds.charged_on as charge_date,
    refunds.refunded_at,
    refunds.refund_date,
    refunds.file_date
from refunds
left join rates on refunds.partner_id = rates.partner_id
    and refunds.service_code = rates.service_code
    and {{ valid_on('rates', 'refunds.charged_on') }}
left join versions on refunds.subscription_id = versions.subscription_id
    and {{ valid_on('versions', 'refunds.refund_date') }}
left join customers on versions.customer_id = customers.customer_id
    and {{ valid_on('customers', 'refunds.refund_date') }}
left join orgs on versions.org_id = orgs.org_id and {{ valid_on('orgs', 'refunds.refund_date') }}
left join services on refunds.service_code = services.service_code
left join partners on refunds.partner_id = partners.partner_id
    and {{ valid_on('partners', 'refunds.refund_date') }}
where refunds.copy_number = 1
