-- One row per customer: the latest of everything on one line. What it is, holds, pays and is worth, its segments, where
-- it stands in its life cycle, how likely its subscriptions leave, what it suffers and owes, and whether rules of large
-- customers hold. Names and numbers are tokens; nothing here identifies a person.
{% set service_quality = theme_is_on('service_quality') -%}
{% set key_accounts = theme_is_on('key_accounts') -%}
{{ config(alias='customer_360') }}

with customers as (

    select * from {{ ref('dim_customer') }}
    where is_current and customer_id <> '?'

),

customer_values as (

    select
        *,
        row_number() over (partition by customer_id order by as_of_month desc) as newest_number
    from {{ ref('mart_customer_value') }}

),

segments as (

    select
        customer_id,
        as_of_month,
        {%- for scheme in ['behaviour', 'rfm', 'activity', 'preference', 'large_customer'] %}
        max(case when scheme_code = '{{ scheme }}' then segment_code end) as {{ scheme }}_segment_code,
        {%- endfor %}
        max(case when scheme_code = 'behaviour' then segment_label end) as behaviour_segment_label,
        max(case when scheme_code = 'behaviour' then status end) as behaviour_status
    from {{ ref('mart_customer_segment') }}
    group by customer_id, as_of_month

),

scored as (

    select
        *,
        row_number() over (
            partition by customer_id, as_of_month order by coalesce(estimate, 0) desc, subscription_id
        ) as risk_number
    from {{ ref('mart_churn_score') }}

),

scores as (

    select
        customer_id,
        as_of_month,
        max(estimate) as highest_churn_probability,
        cast(sum(expected_loss_amt) as decimal(18, 2)) as expected_loss_amt,
        sum(case when is_alert then 1 else 0 end) as alert_count,
        max(case when risk_number = 1 then reason_family_1 end) as churn_reason_family,
        row_number() over (partition by customer_id order by as_of_month desc) as newest_number
    from scored
    group by customer_id, as_of_month

),

stages as (

    select
        known.customer_id,
        stage_months.month_start_date,
        min(stage_months.lifecycle_stage_code) as first_stage_code,
        max(stage_months.lifecycle_stage_code) as last_stage_code,
        row_number() over (partition by known.customer_id order by stage_months.month_start_date desc) as newest_number
    from {{ ref('fct_subscription_stage_month') }} as stage_months
    inner join {{ ref('dim_customer') }} as known on stage_months.customer_key = known.customer_key
    group by known.customer_id, stage_months.month_start_date

),

last_balance as (

    select max(month_end) as month_end from {{ ref('fct_arrears_snapshot') }}

),

arrears as (

    select
        payers.customer_id,
        sum(balances.arrears_amt) as arrears_amt
    from {{ ref('fct_arrears_snapshot') }} as balances
    inner join last_balance on balances.month_end = last_balance.month_end
    inner join {{ ref('dim_account') }} as payers on balances.account_key = payers.account_key
    group by payers.customer_id

),
{% if service_quality %}
contacts as (

    select
        customer_id,
        count(*) as contact_count,
        max(contact_date) as last_contact_on
    from {{ ref('fct_contact') }}
    where customer_id is not null
    group by customer_id

),

tickets as (

    select
        customer_id,
        count(*) as ticket_count,
        sum(case when is_open then 1 else 0 end) as open_ticket_count
    from {{ ref('fct_ticket') }}
    where customer_id is not null
    group by customer_id

),
{% endif -%}
{% if key_accounts %}
large as (

    select
        *,
        row_number() over (partition by customer_id order by month_start_date desc) as newest_number
    from {{ ref('fct_large_customer_month') }}

),

last_month as (

    select max(month_start_date) as month_start_date from {{ ref('fct_large_customer_month') }}

),

watched as (

    select
        *,
        row_number() over (partition by customer_id order by as_of_month desc) as newest_number
    from {{ ref('mart_key_account_watch') }}

),

potential as (

    select
        *,
        max(as_of_month) over () as last_month
    from {{ ref('mart_potential_key_account') }}

),
{% endif %}
joined as (

    select
        customers.*,
        customer_values.is_active,
        customer_values.status as value_status,
        customer_values.revenue_amt,
        customer_values.mean_revenue_amt,
        customer_values.economic_amt,
        customer_values.estimate as lifetime_amt,
        customer_values.social_score,
        customer_values.value_score,
        customer_values.value_class_code,
        customer_values.spend_rank,
        customer_values.value_rank,
        customer_values.next_service_code,
        customer_values.age_months,
        customer_values.as_of_date as value_as_of_date,
        customer_values.as_of_month as value_as_of_month
    from customers
    left join customer_values on customers.customer_id = customer_values.customer_id
        and customer_values.newest_number = 1

)

select
    -- keys
    joined.customer_key as customer_360_key,
    joined.customer_id as entity_id,
    joined.customer_id,
    joined.customer_key,
    joined.org_id,
    joined.group_id,
    joined.name_token,

    -- what it is
    'customer' as grain,
    joined.customer_class_code,
    joined.customer_type_code,
    joined.service_grade_code,
    joined.industry_code,
    joined.status_code,
    joined.is_important,
    joined.has_consent,
    coalesce(joined.is_active, false) as is_active,
    joined.age_months,
    case
        when stages.first_stage_code is null then '?'
        when stages.first_stage_code = stages.last_stage_code then stages.first_stage_code
        else 'mixed'
    end as lifecycle_stage_code,

    -- what it is worth
    coalesce(joined.value_status, 'pending') as value_status,
    coalesce(joined.value_class_code, '?') as value_class_code,
    joined.revenue_amt,
    joined.mean_revenue_amt,
    joined.economic_amt,
    joined.lifetime_amt,
    joined.social_score,
    joined.value_score,
    joined.spend_rank,
    joined.value_rank,
    joined.next_service_code,
    'CNY' as currency_code,
    {%- for scheme in ['behaviour', 'rfm', 'activity', 'preference', 'large_customer'] %}
    segments.{{ scheme }}_segment_code,
    {%- endfor %}
    segments.behaviour_segment_label,
    segments.behaviour_status,

    -- whether it leaves, what it suffers and owes
    scores.highest_churn_probability,
    scores.expected_loss_amt,
    cast(coalesce(scores.alert_count, 0) as bigint) as alert_count,
    scores.churn_reason_family,
    cast(coalesce(arrears.arrears_amt, 0) as decimal(18, 2)) as arrears_amt,
    cast({{ 'coalesce(contacts.contact_count, 0)' if service_quality else 'null' }} as bigint) as contact_count,
    cast({{ 'coalesce(tickets.ticket_count, 0)' if service_quality else 'null' }} as bigint) as ticket_count,
    cast({{ 'coalesce(tickets.open_ticket_count, 0)' if service_quality else 'null' }} as bigint) as open_ticket_count,

    -- rules of large customers
    cast({{ 'coalesce(large.is_large, false)' if key_accounts else 'null' }} as boolean) as is_large,
    cast({{ 'coalesce(large.is_special, false)' if key_accounts else 'null' }} as boolean) as is_special,
    {% if key_accounts -%}
    coalesce(large.account_manager_staff_key, {{ unknown_key() }}) as account_manager_staff_key,
    watched.reason_code as break_reason_code,
    watched.task_state_code as break_task_state_code,
    potential.potential_rank,
    {%- else -%}
    {{ unknown_key() }} as account_manager_staff_key,
    cast(null as string) as break_reason_code,
    cast(null as string) as break_task_state_code,
    cast(null as bigint) as potential_rank,
    {%- endif %}

    -- times
    joined.created_on,
    {{ 'contacts.last_contact_on' if service_quality else 'cast(null as date)' }} as last_contact_on,
    scores.as_of_month as churn_as_of_month,
    joined.value_as_of_date as as_of_date,
    joined.value_as_of_month as as_of_month
from joined
left join segments on joined.customer_id = segments.customer_id and joined.value_as_of_month = segments.as_of_month
left join scores on joined.customer_id = scores.customer_id and scores.newest_number = 1
left join stages on joined.customer_id = stages.customer_id and stages.newest_number = 1
left join arrears on joined.customer_id = arrears.customer_id
{%- if service_quality %}
left join contacts on joined.customer_id = contacts.customer_id
left join tickets on joined.customer_id = tickets.customer_id
{%- endif %}
{%- if key_accounts %}
cross join last_month
left join large on joined.customer_id = large.customer_id and large.newest_number = 1
    and last_month.month_start_date = large.month_start_date
left join watched on joined.customer_id = watched.customer_id and watched.newest_number = 1
    and last_month.month_start_date = watched.as_of_month
left join potential on joined.customer_id = potential.customer_id and potential.last_month = potential.as_of_month
{%- endif %}
