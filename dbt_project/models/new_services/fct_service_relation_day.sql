-- One row per day, city, service and partner that has or had order relations: opening + ordered - ended = closing.
-- An order and its end on one day count on both sides.
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

changes as (

    select
        relations.org_id,
        relations.service_code,
        relations.partner_id,
        relations.ordered_date as change_date,
        1 as ordered_count,
        0 as ended_count
    from relations
    union all
    select
        relations.org_id,
        relations.service_code,
        relations.partner_id,
        relations.ended_date as change_date,
        0 as ordered_count,
        1 as ended_count
    from relations
    where relations.ended_date is not null

),

-- What happened before the first day is the stock that the first day opens with.
dated as (

    select
        changes.*,
        greatest(changes.change_date, {{ add_days('bounds.first_date', -1) }}) as flow_date
    from changes
    cross join bounds

),

flows as (

    select
        org_id,
        service_code,
        partner_id,
        flow_date,
        sum(ordered_count) as ordered_count,
        sum(ended_count) as ended_count
    from dated
    group by org_id, service_code, partner_id, flow_date

),

days as (

    select dates.calendar_date as snapshot_date
    from {{ ref('dim_date') }} as dates
    inner join bounds
        on dates.calendar_date >= {{ add_days('bounds.first_date', -1) }}
        and dates.calendar_date <= bounds.last_date

),

members as (

    select
        org_id,
        service_code,
        partner_id,
        min(flow_date) as first_flow_date
    from flows
    group by org_id, service_code, partner_id

),

stocks as (

    select
        days.snapshot_date,
        members.org_id,
        members.service_code,
        members.partner_id,
        coalesce(flows.ordered_count, 0) as ordered_count,
        coalesce(flows.ended_count, 0) as ended_count,
        sum(coalesce(flows.ordered_count, 0) - coalesce(flows.ended_count, 0)) over (
            partition by members.org_id, members.service_code, members.partner_id order by days.snapshot_date
            rows between unbounded preceding and current row
        ) as closing_count
    from members
    inner join days on members.first_flow_date <= days.snapshot_date
    left join flows on members.org_id = flows.org_id
        and members.service_code = flows.service_code
        and members.partner_id = flows.partner_id
        and days.snapshot_date = flows.flow_date

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
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(services.service_key, {{ unknown_key() }}) as service_key,
    coalesce(partners.partner_key, {{ unknown_key() }}) as partner_key,
    stocks.org_id,
    stocks.service_code,
    stocks.partner_id,

    -- measures
    cast(stocks.closing_count - stocks.ordered_count + stocks.ended_count as bigint) as opening_count,
    cast(stocks.ordered_count as bigint) as ordered_count,
    cast(stocks.ended_count as bigint) as ended_count,
    cast(stocks.closing_count as bigint) as closing_count,

    -- times
    stocks.snapshot_date
from stocks
inner join bounds on stocks.snapshot_date >= bounds.first_date
left join orgs on stocks.org_id = orgs.org_id and {{ valid_on('orgs', 'stocks.snapshot_date') }}
left join services on stocks.service_code = services.service_code
left join partners on stocks.partner_id = partners.partner_id
    and {{ valid_on('partners', 'stocks.snapshot_date') }}
