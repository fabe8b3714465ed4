-- One row per contract, accumulating: signed, in force, run out or ended early, and by which contract it was renewed.
with messages as (

    select
        *,
        {{ is_newest(['contract_id'], 'changed_on') }} as is_newest
    from {{ ref('stg_crm__contract') }}

),

turns as (

    select
        contract_id,
        min(case when status_code = 'EXPIRED' then changed_on end) as expired_on,
        min(case when status_code = 'TERMINATED' then changed_on end) as terminated_on,
        count(*) as message_count
    from messages
    group by contract_id

),

renewals as (

    select
        renewal_of_contract_id as contract_id,
        min(contract_id) as renewed_by_contract_id,
        min(signed_on) as renewed_on
    from messages
    where renewal_of_contract_id is not null
    group by renewal_of_contract_id

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

staff as (

    select * from {{ ref('dim_staff') }}

)

select
    -- keys
    {{ surrogate_key(['contracts.contract_id']) }} as contract_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(services.service_key, {{ unknown_key() }}) as service_key,
    coalesce(staff.staff_key, {{ unknown_key() }}) as staff_key,
    contracts.contract_id,
    contracts.customer_id,
    contracts.opportunity_id,
    contracts.renewal_of_contract_id,
    renewals.renewed_by_contract_id,

    -- attributes
    contracts.contract_type_code,
    contracts.sales_method_code,
    contracts.status_code,
    contracts.status_code = 'ACTIVE' as is_active,
    renewals.contract_id is not null as is_renewed,

    -- measures
    contracts.value_amt,
    'CNY' as currency_code,
    {{ months_between('contracts.valid_from', 'contracts.valid_to') }} as term_months,
    cast(turns.message_count as bigint) as message_count,

    -- times
    contracts.signed_on,
    contracts.valid_from,
    contracts.valid_to,
    turns.expired_on,
    turns.terminated_on,
    renewals.renewed_on,
    contracts.file_date
from messages as contracts
inner join turns on contracts.contract_id = turns.contract_id
left join renewals on contracts.contract_id = renewals.contract_id
left join customers on contracts.customer_id = customers.customer_id
    and {{ valid_on('customers', 'contracts.signed_on') }}
left join orgs on contracts.org_id = orgs.org_id and {{ valid_on('orgs', 'contracts.changed_on') }}
left join services on contracts.service_code = services.service_code
left join staff on contracts.staff_id = staff.staff_id
where contracts.is_newest
