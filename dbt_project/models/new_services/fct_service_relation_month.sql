-- One row per order relation and month in which it held on some day: the stock at month end, and what was used,
-- charged and refunded in the month. Used = at least one request of the user.
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

    select
        dates.month_start_date,
        max(dates.calendar_date) as last_date
    from {{ ref('dim_date') }} as dates
    inner join bounds on dates.calendar_date >= bounds.first_date and dates.calendar_date <= bounds.last_date
    group by dates.month_start_date

),

held as (

    select
        relations.*,
        months.month_start_date as snapshot_month,
        months.last_date as snapshot_date
    from relations
    inner join months on {{ month_of('relations.ordered_date') }} <= months.month_start_date
        and coalesce(relations.ended_date, cast('9999-12-31' as date)) >= months.month_start_date

),

messages as (

    select
        *,
        row_number() over (partition by message_id order by file_date, source_file, line_number) as copy_number
    from {{ ref('stg_billing__message') }}

),

sent as (

    select
        relations.service_order_relation_key,
        {{ month_of('messages.sent_at_local') }} as snapshot_month,
        count(case when messages.record_type_code = 'MO' then 1 end) as request_count,
        count(case when messages.send_status_code = 'DELIVERED' then 1 end) as delivered_count
    from messages
    inner join relations on messages.subscription_id = relations.subscription_id
        and messages.service_code = relations.service_code
        and messages.partner_id = relations.partner_id
        and messages.sent_at >= relations.ordered_at
        and messages.sent_at <= coalesce(relations.ended_at, messages.sent_at)
    where messages.copy_number = 1
    group by relations.service_order_relation_key, {{ month_of('messages.sent_at_local') }}

),

charges as (

    select
        service_order_relation_key,
        charge_month,
        fee_amt
    from {{ ref('fct_service_charge') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

)

select
    -- keys
    held.service_order_relation_key,
    held.subscription_key,
    held.customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    held.service_key,
    held.partner_key,
    held.subscription_id,
    held.org_id,
    held.service_code,
    held.partner_id,

    -- attributes
    held.ended_date is null or held.ended_date > held.snapshot_date as is_held,
    {{ month_of('held.ordered_date') }} = held.snapshot_month as is_ordered_in_month,
    coalesce({{ month_of('held.ended_date') }} = held.snapshot_month, false) as is_ended_in_month,
    coalesce(sent.request_count, 0) > 0 as is_used,
    held.is_excluded,

    -- measures
    cast(coalesce(sent.request_count, 0) as bigint) as request_count,
    cast(coalesce(sent.delivered_count, 0) as bigint) as delivered_count,
    cast(coalesce(charges.fee_amt, 0) as decimal(18, 2)) as fee_amt,
    'CNY' as currency_code,

    -- times
    held.snapshot_date,
    held.snapshot_month
from held
left join sent on held.service_order_relation_key = sent.service_order_relation_key
    and held.snapshot_month = sent.snapshot_month
left join charges on held.service_order_relation_key = charges.service_order_relation_key
    and held.snapshot_month = charges.charge_month
left join orgs on held.org_id = orgs.org_id and {{ valid_on('orgs', 'held.snapshot_date') }}
