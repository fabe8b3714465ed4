-- One row per large customer or top spender and billed month, as it stood at the end of the month: which rules hold,
-- what it buys, owes and suffers, and who looks after it. Every rule keeps its own hit; a special customer is one for
-- which two or more of the four classes hold. Parameters are those in force at the end of the month, so that a new
-- line re-classifies from its month on.
{% set service_quality = theme_is_on('service_quality') -%}

with revenue as (

    select
        customer_key,
        revenue_month,
        recognised_amt
    from {{ ref('fct_revenue_month') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

spend as (

    select
        customers.customer_id,
        revenue.revenue_month,
        cast(sum(revenue.recognised_amt) as decimal(18, 2)) as net_amt
    from revenue
    inner join customers on revenue.customer_key = customers.customer_key
    where customers.customer_id <> '?'
    group by customers.customer_id, revenue.revenue_month

),

parameters as (

    select * from {{ ref('parameters') }}

),

billed_months as (

    select
        revenue_month as month_start_date,
        {{ add_days(add_months('revenue_month', 1), -1) }} as month_end
    from revenue
    group by revenue_month

),

months as (

    select
        billed_months.month_start_date,
        billed_months.month_end,
        max(case
            when parameters.parameter_code = 'high_value_line_amt' then parameters.parameter_value
        end) as line_amt,
        max(case
            when parameters.parameter_code = 'high_value_months_least' then parameters.parameter_value
        end) as least_months,
        max(case
            when parameters.parameter_code = 'high_value_months_window' then parameters.parameter_value
        end) as window_months,
        max(case when parameters.parameter_code = 'top_spender_count' then parameters.parameter_value end) as top_count
    from billed_months
    inner join parameters on {{ valid_on('parameters', 'billed_months.month_end') }}
    group by billed_months.month_start_date, billed_months.month_end

),

high_value as (

    select
        months.month_start_date,
        spend.customer_id,
        count(*) as high_month_count
    from months
    inner join spend on months.month_start_date >= spend.revenue_month
        and {{ months_between('spend.revenue_month', 'months.month_start_date') }} < months.window_months
        and months.line_amt < spend.net_amt
    group by months.month_start_date, spend.customer_id

),

ranked as (

    select
        customer_id,
        revenue_month,
        net_amt,
        rank() over (partition by revenue_month order by net_amt desc) as spend_rank
    from spend

),

memberships as (

    select
        customer_id,
        month_start_date,
        min(case when role_code in ('HEAD', 'MEMBER') then group_id end) as group_id,
        max(case when group_number = 1 then payer_code end) as payer_code
    from {{ ref('int_group_member_month') }}
    group by customer_id, month_start_date

),

archive as (

    select * from {{ ref('dim_key_account') }}

),

managers as (

    select * from {{ ref('bridge_customer_staff') }}
    where role_code = 'ACCOUNT_MANAGER'

),

candidates as (

    select
        months.*,
        customers.customer_key,
        customers.customer_id,
        customers.org_id,
        customers.service_grade_code as listed_grade_code,
        customers.is_important,
        coalesce(high_value.high_month_count, 0) as high_month_count,
        coalesce(high_value.high_month_count, 0) >= months.least_months as is_high_value,
        memberships.group_id is not null as is_group,
        memberships.group_id,
        memberships.payer_code,
        coalesce(archive.is_strategic and months.month_end >= archive.strategic_approved_on, false) as is_strategic,
        coalesce(archive.is_national_list, false) as is_national_list,
        case
            when archive.override_until_on >= months.month_end then archive.override_grade_code
        end as override_grade_code,
        coalesce(ranked.net_amt, 0) as net_amt,
        ranked.spend_rank,
        coalesce(ranked.spend_rank <= months.top_count, false) as is_top_spender
    from months
    inner join customers on {{ valid_on('customers', 'months.month_end') }}
        and months.month_end >= customers.created_on
    left join high_value on customers.customer_id = high_value.customer_id
        and months.month_start_date = high_value.month_start_date
    left join memberships on customers.customer_id = memberships.customer_id
        and months.month_start_date = memberships.month_start_date
    left join archive on customers.customer_id = archive.customer_id
        and {{ valid_on('archive', 'months.month_end') }}
    left join ranked on customers.customer_id = ranked.customer_id
        and months.month_start_date = ranked.revenue_month
    where customers.customer_class_code in ('public', 'organisation')

),

classified as (

    select
        *,
        case when is_important then 1 else 0 end + case when is_high_value then 1 else 0 end
        + case when is_group then 1 else 0 end + case when is_strategic then 1 else 0 end as class_count
    from candidates

),

large as (

    select
        *,
        class_count >= 1 as is_large,
        class_count >= 2 as is_special
    from classified
    where class_count >= 1 or is_top_spender

),

subscriptions as (

    select
        customers.customer_id,
        subscription_months.month_start_date,
        count(case when subscription_months.is_counted then 1 end) as subscription_count,
        sum(subscription_months.new_count + subscription_months.regained_count) as new_count,
        sum(subscription_months.left_count) as left_count,
        count(distinct services.service_class_code) as service_class_count
    from {{ ref('fct_subscription_month') }} as subscription_months
    inner join customers on subscription_months.customer_key = customers.customer_key
    inner join {{ ref('dim_service') }} as services on subscription_months.service_key = services.service_key
    group by customers.customer_id, subscription_months.month_start_date

),

circuits as (

    select
        customer_id,
        month_start_date,
        count(case when not is_closed then 1 end) as circuit_count,
        count(case when is_closed then 1 end) as closed_circuit_count,
        sum(down_s) as circuit_down_s,
        sum(measured_s) as circuit_measured_s,
        count(case when not is_target_met then 1 end) as missed_circuit_count,
        sum(credit_amt) as credit_amt
    from {{ ref('fct_circuit_month') }}
    group by customer_id, month_start_date

),

leased as (

    select
        customers.customer_id,
        charges.billing_month as month_start_date,
        sum(charges.net_amt) as leased_amt
    from {{ ref('fct_bill_charge') }} as charges
    inner join customers on charges.customer_key = customers.customer_key
    where charges.charge_item_code = 'LEASED_LINE'
    group by customers.customer_id, charges.billing_month

),

arrears as (

    select
        payers.customer_id,
        {{ month_of('balances.month_end') }} as month_start_date,
        sum(balances.arrears_amt) as arrears_amt
    from {{ ref('fct_arrears_snapshot') }} as balances
    inner join {{ ref('dim_account') }} as payers on balances.account_key = payers.account_key
    group by payers.customer_id, {{ month_of('balances.month_end') }}

),

visits as (

    select
        customer_id,
        {{ month_of('due_on') }} as month_start_date,
        count(case when is_due then 1 end) as due_visit_count,
        count(case when is_done then 1 end) as done_visit_count
    from {{ ref('fct_visit') }}
    where visit_type_code = 'VISIT'
    group by customer_id, {{ month_of('due_on') }}

),

service_events as (

    select
        customer_id,
        {{ month_of('opened_date') }} as month_start_date,
        count(*) as service_event_count,
        count(case when event_type_code = 'FAULT' then 1 end) as fault_event_count
    from {{ ref('fct_service_event') }}
    group by customer_id, {{ month_of('opened_date') }}

),

contracts as (

    select
        contracts.customer_id,
        months.month_start_date,
        count(*) as contract_count,
        count(case when contracts.valid_to <= {{ add_days('months.month_end', 31) }} then 1 end) as ending_30_count,
        count(case when contracts.valid_to <= {{ add_days('months.month_end', 61) }} then 1 end) as ending_60_count,
        count(case when contracts.valid_to <= {{ add_days('months.month_end', 91) }} then 1 end) as ending_90_count
    from {{ ref('fct_contract') }} as contracts
    inner join months on contracts.valid_from <= months.month_end
        and coalesce(contracts.terminated_on, contracts.valid_to) > months.month_end
    group by contracts.customer_id, months.month_start_date

),
{% if service_quality %}
tickets as (

    select
        customers.customer_id,
        months.month_start_date,
        count(case when tickets.opened_date >= months.month_start_date then 1 end) as ticket_count,
        count(case
            when tickets.opened_date >= months.month_start_date and tickets.ticket_type_code <> 'fault' then 1
        end) as complaint_count,
        count(case
            when tickets.ended_date is null or tickets.ended_date > months.month_end then 1
        end) as open_ticket_count
    from {{ ref('fct_ticket') }} as tickets
    inner join customers on tickets.customer_key = customers.customer_key
    inner join months on tickets.opened_date <= months.month_end
    group by customers.customer_id, months.month_start_date

),
{% endif %}
orgs as (

    select * from {{ ref('dim_org') }}

)

select
    -- keys
    large.customer_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    coalesce(managers.staff_key, {{ unknown_key() }}) as account_manager_staff_key,
    large.customer_id,
    large.org_id,
    large.group_id,

    -- rules
    large.is_large,
    large.is_important,
    large.is_high_value,
    large.is_group,
    large.is_strategic,
    large.is_special,
    large.is_national_list,
    large.is_top_spender,
    large.class_count,
    cast(large.high_month_count as int) as high_month_count,
    cast(large.line_amt as decimal(18, 2)) as high_value_line_amt,
    cast(large.spend_rank as bigint) as spend_rank,
    large.listed_grade_code,
    large.override_grade_code,
    coalesce(large.override_grade_code, large.listed_grade_code, '?') as service_grade_code,
    coalesce(last_large.is_large, false) and large.is_large as is_comparable,

    -- what it buys and owes
    cast(large.net_amt as decimal(18, 2)) as net_amt,
    cast(coalesce(last_spend.net_amt, 0) as decimal(18, 2)) as last_month_net_amt,
    cast(case when large.payer_code = 'GROUP' then large.net_amt else 0 end as decimal(18, 2)) as group_paid_amt,
    cast(case when large.payer_code = 'GROUP' then 0 else large.net_amt end as decimal(18, 2)) as member_paid_amt,
    cast(coalesce(leased.leased_amt, 0) as decimal(18, 2)) as leased_amt,
    cast(coalesce(arrears.arrears_amt, 0) as decimal(18, 2)) as arrears_amt,
    cast(coalesce(circuits.credit_amt, 0) as decimal(18, 2)) as credit_amt,
    'CNY' as currency_code,
    cast(coalesce(subscriptions.subscription_count, 0) as bigint) as subscription_count,
    cast(coalesce(subscriptions.new_count, 0) as bigint) as new_count,
    cast(coalesce(subscriptions.left_count, 0) as bigint) as left_count,
    cast(coalesce(circuits.circuit_count, 0) as bigint) as circuit_count,
    cast(coalesce(circuits.closed_circuit_count, 0) as bigint) as closed_circuit_count,
    cast(
        coalesce(subscriptions.service_class_count, 0)
        + case when coalesce(circuits.circuit_count, 0) > 0 then 1 else 0 end as bigint
    ) as service_class_count,
    cast(coalesce(contracts.contract_count, 0) as bigint) as contract_count,
    cast(coalesce(contracts.ending_30_count, 0) as bigint) as contract_ending_30_count,
    cast(coalesce(contracts.ending_60_count, 0) as bigint) as contract_ending_60_count,
    cast(coalesce(contracts.ending_90_count, 0) as bigint) as contract_ending_90_count,

    -- what it suffers, and what is done for it
    cast(coalesce(circuits.circuit_measured_s, 0) as bigint) as circuit_measured_s,
    cast(coalesce(circuits.circuit_down_s, 0) as bigint) as circuit_down_s,
    cast(coalesce(circuits.missed_circuit_count, 0) as bigint) as missed_circuit_count,
    cast(coalesce(service_events.service_event_count, 0) as bigint) as service_event_count,
    cast(coalesce(service_events.fault_event_count, 0) as bigint) as fault_event_count,
    cast({{ 'coalesce(tickets.ticket_count, 0)' if service_quality else 'null' }} as bigint) as ticket_count,
    cast({{ 'coalesce(tickets.complaint_count, 0)' if service_quality else 'null' }} as bigint) as complaint_count,
    cast({{ 'coalesce(tickets.open_ticket_count, 0)' if service_quality else 'null' }} as bigint) as open_ticket_count,
    cast(coalesce(visits.due_visit_count, 0) as bigint) as due_visit_count,
    cast(coalesce(visits.done_visit_count, 0) as bigint) as done_visit_count,

    -- times
    large.month_start_date
from large
left join large as last_large on large.customer_id = last_large.customer_id
    and {{ add_months('large.month_start_date', -1) }} = last_large.month_start_date
left join spend as last_spend on large.customer_id = last_spend.customer_id
    and {{ add_months('large.month_start_date', -1) }} = last_spend.revenue_month
left join orgs on large.org_id = orgs.org_id and {{ valid_on('orgs', 'large.month_end') }}
left join managers on large.customer_id = managers.customer_id and {{ valid_on('managers', 'large.month_end') }}
left join subscriptions on large.customer_id = subscriptions.customer_id
    and large.month_start_date = subscriptions.month_start_date
left join circuits on large.customer_id = circuits.customer_id
    and large.month_start_date = circuits.month_start_date
left join leased on large.customer_id = leased.customer_id and large.month_start_date = leased.month_start_date
left join arrears on large.customer_id = arrears.customer_id and large.month_start_date = arrears.month_start_date
left join visits on large.customer_id = visits.customer_id and large.month_start_date = visits.month_start_date
left join service_events on large.customer_id = service_events.customer_id
    and large.month_start_date = service_events.month_start_date
left join contracts on large.customer_id = contracts.customer_id
    and large.month_start_date = contracts.month_start_date
{%- if service_quality %}
left join tickets on large.customer_id = tickets.customer_id and large.month_start_date = tickets.month_start_date
{%- endif %}
