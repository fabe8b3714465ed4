-- One row per order relation and month in which its fee is due: on the day of the order, and on each first of a month
-- at whose end the relation holds and the subscription is active or barred only from calling out. The price and the
-- partner's share are those of that day.
with relations as (

    select * from {{ ref('fct_service_order_relation') }}

),

bounds as (

    select
        first_file_date as first_date,
        last_file_date as last_date
    from {{ ref('ops_feed') }}
    where contract_id = 'billing__service_order'

),

months as (

    select distinct dates.month_start_date
    from {{ ref('dim_date') }} as dates
    inner join bounds on dates.calendar_date >= bounds.first_date and dates.calendar_date <= bounds.last_date

),

first_days as (

    select
        subscription_id,
        snapshot_date,
        state_code
    from {{ ref('fct_subscription_day') }}
    where snapshot_date = {{ month_of('snapshot_date') }}

),

due as (

    select
        relations.*,
        months.month_start_date as charge_month,
        greatest(relations.ordered_date, months.month_start_date) as charge_date
    from relations
    inner join months on {{ month_of('relations.ordered_date') }} <= months.month_start_date
    left join first_days on relations.subscription_id = first_days.subscription_id
        and months.month_start_date = first_days.snapshot_date
    where {{ month_of('relations.ordered_date') }} = months.month_start_date
        or (
            (relations.ended_date is null or relations.ended_date > months.month_start_date)
            and first_days.state_code in ('1000', '1010')
        )

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

partners as (

    select * from {{ ref('dim_partner') }}

)

select
    -- keys
    {{ surrogate_key(['due.service_order_relation_key', 'due.charge_month']) }} as service_charge_key,
    due.service_order_relation_key,
    coalesce(versions.subscription_key, {{ unknown_key() }}) as subscription_key,
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    due.service_key,
    coalesce(partners.partner_key, {{ unknown_key() }}) as partner_key,
    coalesce(rates.partner_rate_key, {{ unknown_key() }}) as partner_rate_key,
    due.subscription_id,
    coalesce(versions.org_id, '?') as org_id,
    due.service_code,
    due.partner_id,

    -- measures
    cast(coalesce(rates.unit_fee_amt, 0) as decimal(18, 2)) as fee_amt,
    cast(rates.share_rate as decimal(9, 4)) as share_rate,
    cast(round(coalesce(rates.unit_fee_amt * rates.share_rate, 0), 2) as decimal(18, 2)) as share_amt,
    'CNY' as currency_code,

    -- times
    due.charge_date,
    due.charge_month
from due
left join rates on due.partner_id = rates.partner_id
    and due.service_code = rates.service_code
    and {{ valid_on('rates', 'due.charge_date') }}
left join versions on due.subscription_id = versions.subscription_id
    and {{ valid_on('versions', 'due.charge_date') }}
left join customers on versions.customer_id = customers.customer_id
    and {{ valid_on('customers', 'due.charge_date') }}
left join orgs on versions.org_id = orgs.org_id and {{ valid_on('orgs', 'due.charge_date') }}
left join partners on due.partner_id = partners.partner_id
    and {{ valid_on('partners', 'due.charge_date') }}
