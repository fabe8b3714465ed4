-- One row per group, payer, charge item and month: net charges of the members as we count them beside what the
-- billing system states. A member in several groups counts once (see int_group_member_month).
with charges as (

    select * from {{ ref('fct_bill_charge') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

members as (

    select * from {{ ref('int_group_member_month') }}
    where group_number = 1

),

own as (

    select
        members.group_id,
        members.payer_code,
        charges.charge_item_code,
        charges.billing_month,
        cast(sum(charges.net_amt) as decimal(18, 2)) as own_amt,
        count(distinct members.customer_id) as member_count
    from charges
    inner join customers on charges.customer_key = customers.customer_key
    inner join members on customers.customer_id = members.customer_id
        and charges.billing_month = members.month_start_date
    group by members.group_id, members.payer_code, charges.charge_item_code, charges.billing_month

),

delivered as (

    select
        *,
        {{ repeats_record(['billing_cycle', 'group_id', 'payer_code', 'charge_item_code']) }} as is_copy
    from {{ ref('stg_billing__group_revenue') }}

),

stated as (

    select
        group_id,
        payer_code,
        charge_item_code,
        cast(concat(substr(billing_cycle, 1, 4), '-', substr(billing_cycle, 5, 2), '-01') as date) as billing_month,
        amount_amt as stated_amt,
        member_count as stated_member_count
    from delivered
    where not is_copy

),

compared as (

    select
        coalesce(own.group_id, stated.group_id) as group_id,
        coalesce(own.payer_code, stated.payer_code) as payer_code,
        coalesce(own.charge_item_code, stated.charge_item_code) as charge_item_code,
        coalesce(own.billing_month, stated.billing_month) as billing_month,
        coalesce(own.own_amt, 0) as own_amt,
        coalesce(own.member_count, 0) as member_count,
        coalesce(stated.stated_amt, 0) as stated_amt,
        coalesce(stated.stated_member_count, 0) as stated_member_count,
        stated.group_id is not null as is_stated
    from own
    full outer join stated on own.group_id = stated.group_id
        and own.payer_code = stated.payer_code
        and own.charge_item_code = stated.charge_item_code
        and own.billing_month = stated.billing_month

),

dated as (

    select
        *,
        {{ add_days(add_months('billing_month', 1), -1) }} as month_end
    from compared

),

group_versions as (

    select * from {{ ref('dim_group') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

charge_items as (

    select * from {{ ref('dim_charge_item') }}

)

select
    -- keys
    coalesce(group_versions.group_key, {{ unknown_key() }}) as group_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(charge_items.charge_item_key, {{ unknown_key() }}) as charge_item_key,
    dated.group_id,

    -- attributes
    dated.payer_code,
    dated.charge_item_code,
    dated.is_stated,

    -- measures
    cast(dated.own_amt as decimal(18, 2)) as own_amt,
    cast(dated.stated_amt as decimal(18, 2)) as stated_amt,
    cast(dated.own_amt - dated.stated_amt as decimal(18, 2)) as difference_amt,
    'CNY' as currency_code,
    cast(dated.member_count as bigint) as member_count,
    cast(dated.stated_member_count as bigint) as stated_member_count,

    -- times
    dated.billing_month
from dated
left join group_versions on dated.group_id = group_versions.group_id
    and {{ valid_on('group_versions', 'dated.month_end') }}
left join orgs on group_versions.org_id = orgs.org_id and {{ valid_on('orgs', 'dated.month_end') }}
left join charge_items on dated.charge_item_code = charge_items.charge_item_code
