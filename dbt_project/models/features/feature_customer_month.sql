-- One row per customer and billed month in which it was active on the last day (had a subscription that counts) or was
-- charged: what it is, pays, costs, holds and does. Charges of nobody known stand under ?, so that the months add up to
-- the revenue of theme 3. Late bills change the months that they belong to.
{% set back = 2 -%}
{% set key_accounts = theme_is_on('key_accounts') -%}
with months as (

    select
        as_of_month,
        {{ add_days(add_months('as_of_month', 1), -1) }} as as_of_date
    from {{ ref('feature_customer_service_month') }}
    group by as_of_month

),

customers as (

    select * from {{ ref('dim_customer') }}

),

newest_network as (

    select max_by(generation_code, sort_order) as generation_code from {{ ref('radio_generations') }}

),

charged as (

    select
        customer_id,
        as_of_month,
        sum(gross_amt) as gross_amt,
        sum(discount_amt) as discount_amt,
        sum(revenue_amt) as revenue_amt,
        count(distinct service_code) as service_count,
        count(distinct service_class_code) as service_class_count,
        count(distinct case when service_class_code = 'vas' then service_code end) as vas_service_count
    from {{ ref('feature_customer_service_month') }}
    group by customer_id, as_of_month

),

subscriptions as (

    select
        customers.customer_id,
        months.as_of_month,
        listed.subscription_id,
        listed.subscription_key,
        listed.is_counted
    from {{ ref('fct_subscription_month') }} as listed
    inner join months on listed.month_start_date = months.as_of_month
    inner join customers on listed.customer_key = customers.customer_key
    where not listed.is_excluded

),

stages as (

    select
        *,
        case activity_class_code when 'HIGH' then 3 when 'MEDIUM' then 2 when 'LOW' then 1 else 0 end as activity_rank
    from {{ ref('fct_subscription_stage_month') }}

),

use_months as (

    select
        subscription_id,
        event_month as as_of_month,
        sum(record_count) as record_count,
        sum(call_count) as call_count,
        sum(originated_minutes) as originated_minutes,
        sum(volume_bytes) as volume_bytes,
        max(last_own_use_date) as last_own_use_date
    from {{ ref('feature_usage_month') }}
    group by subscription_id, event_month

),

held as (

    select
        subscriptions.customer_id,
        subscriptions.as_of_month,
        sum(case when subscriptions.is_counted then 1 else 0 end) as subscription_count,
        sum(case when subscriptions.is_counted and newest_network.generation_code is not null then 1 else 0 end)
            as newest_network_count,
        min(versions.opened_on) as first_opened_on,
        max(stages.activity_rank) as activity_rank,
        max(stages.active_day_count) as active_day_count,
        sum(coalesce(use_months.record_count, 0)) as record_count,
        sum(coalesce(use_months.call_count, 0)) as call_count,
        sum(coalesce(use_months.originated_minutes, 0)) as originated_minutes,
        sum(coalesce(use_months.volume_bytes, 0)) as volume_bytes,
        sum(coalesce(circles.circle_count, 0)) as circle_count,
        max(use_months.last_own_use_date) as last_own_use_date
    from subscriptions
    left join {{ ref('dim_subscription') }} as versions on subscriptions.subscription_key = versions.subscription_key
    left join newest_network on versions.network_generation_code = newest_network.generation_code
    left join stages on subscriptions.subscription_id = stages.subscription_id
        and subscriptions.as_of_month = stages.month_start_date
    left join use_months on subscriptions.subscription_id = use_months.subscription_id
        and subscriptions.as_of_month = use_months.as_of_month
    left join {{ ref('feature_circle_month') }} as circles on subscriptions.subscription_id = circles.subscription_id
        and subscriptions.as_of_month = circles.event_month
    group by subscriptions.customer_id, subscriptions.as_of_month

),

-- Whoever was charged or held something in the month.
listed as (

    select
        customer_id,
        as_of_month
    from charged
    union
    select
        customer_id,
        as_of_month
    from held
    where subscription_count > 0

),

-- What was charged in this month and the two before.
recent as (

    select
        listed.customer_id,
        listed.as_of_month,
        sum(charged.revenue_amt) as revenue_amt,
        count(*) as month_count
    from listed
    inner join charged on listed.customer_id = charged.customer_id and listed.as_of_month >= charged.as_of_month
        and {{ add_months('listed.as_of_month', -back) }} <= charged.as_of_month
    group by listed.customer_id, listed.as_of_month

)

select
    -- keys
    coalesce(customers.customer_key, {{ unknown_key() }}) as customer_key,
    listed.customer_id,
    coalesce(customers.org_id, '?') as org_id,

    -- attributes
    coalesce(customers.customer_class_code, '?') as customer_class_code,
    coalesce(customers.customer_type_code, '?') as customer_type_code,
    coalesce(customers.service_grade_code, '?') as service_grade_code,
    coalesce(customers.industry_code, '?') as industry_code,
    coalesce(customers.is_important, false) as is_important,
    {{ 'coalesce(large_months.is_large, false)' if key_accounts else 'false' }} as is_large,
    listed.customer_id <> '?' and coalesce(held.subscription_count, 0) > 0 as is_active,
    case coalesce(held.activity_rank, 0) when 3 then 'HIGH' when 2 then 'MEDIUM' when 1 then 'LOW' else 'ZERO' end
        as activity_class_code,

    -- what it pays and costs
    cast(coalesce(charged.gross_amt, 0) as decimal(18, 2)) as gross_amt,
    cast(coalesce(charged.discount_amt, 0) as decimal(18, 2)) as discount_amt,
    cast(coalesce(charged.revenue_amt, 0) as decimal(18, 2)) as revenue_amt,
    costs.direct_cost_amt,
    costs.selling_cost_amt,
    {{ mean_amt('coalesce(recent.revenue_amt, 0)', 'coalesce(recent.month_count, 1)') }} as mean_revenue_amt,
    'CNY' as currency_code,

    -- what it holds
    cast(coalesce(held.subscription_count, 0) as bigint) as subscription_count,
    cast(coalesce(held.newest_network_count, 0) as bigint) as newest_network_count,
    cast(coalesce(charged.service_count, 0) as bigint) as service_count,
    cast(coalesce(charged.service_class_count, 0) as bigint) as service_class_count,
    cast(coalesce(charged.vas_service_count, 0) as bigint) as vas_service_count,
    {{ months_between('coalesce(customers.created_on, held.first_opened_on)', 'listed.as_of_month') }} as age_months,

    -- what it does
    cast(coalesce(held.active_day_count, 0) as bigint) as active_day_count,
    cast(coalesce(held.record_count, 0) as bigint) as record_count,
    cast(coalesce(held.call_count, 0) as bigint) as call_count,
    cast(coalesce(held.originated_minutes, 0) as bigint) as originated_minutes,
    cast(coalesce(held.volume_bytes, 0) as bigint) as volume_bytes,
    cast(coalesce(held.circle_count, 0) as bigint) as circle_count,
    {{ days_between(
        'max(held.last_own_use_date) over (partition by listed.customer_id order by listed.as_of_month '
        ~ 'rows between unbounded preceding and current row)', 'months.as_of_date'
    ) }} as days_since_own_use,

    -- times
    months.as_of_date,
    listed.as_of_month
from listed
inner join months on listed.as_of_month = months.as_of_month
left join customers on listed.customer_id = customers.customer_id and {{ valid_on('customers', 'months.as_of_date') }}
left join charged on listed.customer_id = charged.customer_id and listed.as_of_month = charged.as_of_month
{%- if key_accounts %}
left join {{ ref('fct_large_customer_month') }} as large_months on listed.customer_id = large_months.customer_id
    and listed.as_of_month = large_months.month_start_date
{%- endif %}
left join held on listed.customer_id = held.customer_id and listed.as_of_month = held.as_of_month
left join recent on listed.customer_id = recent.customer_id and listed.as_of_month = recent.as_of_month
left join {{ ref('feature_customer_cost') }} as costs on listed.customer_id = costs.customer_id
    and listed.as_of_month = costs.as_of_month
