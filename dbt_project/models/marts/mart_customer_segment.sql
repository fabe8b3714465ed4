-- One row per active customer, scheme and month with estimates: the one segment it is in. Schemes: behaviour (frozen
-- normal mixtures), value_class, decile, rfm, activity, preference, and large_customer by the dated rules of theme 7. A
-- customer of whom something is not known is in the segment unknown, never in none.
{{ config(alias='customer_segment') }}

with months as (

    select distinct as_of_month from {{ source('analytics', 'customer_segment') }}

),

limits as (

    select
        valid_from,
        valid_to,
        parameter_value as promotion_discount_pct
    from {{ ref('parameters') }}
    where parameter_code = 'promotion_discount_pct'

),

customers as (

    select
        listed.*,
        limits.promotion_discount_pct,
        100 * listed.discount_amt >= limits.promotion_discount_pct * listed.gross_amt and listed.discount_amt > 0
            as likes_promotions,
        listed.newest_network_count > 0 or listed.vas_service_count > 0 as likes_technology
    from {{ ref('feature_customer_month') }} as listed
    inner join months on listed.as_of_month = months.as_of_month
    left join limits on {{ valid_on('limits', 'listed.as_of_date') }}
    where listed.is_active

),

estimates as (

    select * from {{ source('analytics', 'customer_value') }}

),

behaviour as (

    select * from {{ source('analytics', 'customer_segment') }}

),
{% if theme_is_on('key_accounts') %}
large as (

    select * from {{ ref('fct_large_customer_month') }}
    where is_large

),
{% endif %}
segments as (

    select
        customers.customer_id,
        customers.as_of_month,
        'behaviour' as scheme_code,
        coalesce(behaviour.scheme_version, '?') as scheme_version,
        cast(coalesce(behaviour.segment_number, -1) as string) as segment_code,
        coalesce(behaviour.segment_label, 'unknown') as segment_label,
        coalesce(behaviour.status, 'unknown') as status,
        behaviour.distance,
        cast(behaviour.second_segment_number as string) as second_segment_code,
        behaviour.assignment_confidence
    from customers
    left join behaviour on customers.customer_id = behaviour.customer_id
        and customers.as_of_month = behaviour.as_of_month

    {% for scheme, code, label, version in [
        ('value_class', 'estimates.value_class_code', "concat(estimates.value_class_code, ' value')", "'shares'"),
        ('decile', 'cast(estimates.decile as string)', "concat('tenth ', cast(estimates.decile as string))", "'10'"),
        ('rfm', 'estimates.rfm_cell', "'recency ' || cast(estimates.recency_score as string)
            || ', frequency ' || cast(estimates.frequency_score as string)
            || ', amount ' || cast(estimates.amount_score as string)", "'fifths'"),
    ] -%}
    union all

    select
        customers.customer_id,
        customers.as_of_month,
        '{{ scheme }}' as scheme_code,
        {{ version }} as scheme_version,
        coalesce({{ code }}, 'unknown') as segment_code,
        case when {{ code }} is null then 'unknown' else {{ label }} end as segment_label,
        case when {{ code }} is null then 'unknown' else 'ok' end as status,
        cast(null as double) as distance,
        cast(null as string) as second_segment_code,
        cast(null as double) as assignment_confidence
    from customers
    left join estimates on customers.customer_id = estimates.customer_id
        and customers.as_of_month = estimates.as_of_month

    {% endfor -%}
    union all

    select
        customer_id,
        as_of_month,
        'activity' as scheme_code,
        'days of use' as scheme_version,
        activity_class_code as segment_code,
        case activity_class_code
            when 'HIGH' then 'uses it nearly every day'
            when 'MEDIUM' then 'uses it on many days'
            when 'LOW' then 'uses it on few days'
            else 'zero use'
        end as segment_label,
        'ok' as status,
        cast(null as double) as distance,
        cast(null as string) as second_segment_code,
        cast(null as double) as assignment_confidence
    from customers

    union all

    select
        customer_id,
        as_of_month,
        'preference' as scheme_code,
        concat('discount from ', cast(cast(promotion_discount_pct as int) as string), ' %') as scheme_version,
        case
            when likes_promotions and likes_technology then 'both'
            when likes_promotions then 'promotion'
            when likes_technology then 'technology'
            else 'none'
        end as segment_code,
        case
            when likes_promotions and likes_technology then 'takes discounts; newest network or value-added services'
            when likes_promotions then 'takes discounts'
            when likes_technology then 'newest network or value-added services'
            else 'list price, no newest network, no value-added services'
        end as segment_label,
        'ok' as status,
        cast(null as double) as distance,
        cast(null as string) as second_segment_code,
        cast(null as double) as assignment_confidence
    from customers
    {%- if theme_is_on('key_accounts') %}

    union all

    select
        customers.customer_id,
        customers.as_of_month,
        'large_customer' as scheme_code,
        'dated rules' as scheme_version,
        case
            when large.customer_id is null then 'ordinary'
            when large.is_special then 'special'
            when large.is_important then 'important'
            when large.is_high_value then 'high_value'
            when large.is_group then 'group'
            else 'strategic'
        end as segment_code,
        case
            when large.customer_id is null then 'no rule of large customers holds'
            when large.is_special then 'two or more rules hold'
            when large.is_important then 'party, government or military'
            when large.is_high_value then 'spends above the line'
            when large.is_group then 'in a group with one signer'
            else 'listed as strategic'
        end as segment_label,
        'ok' as status,
        cast(null as double) as distance,
        cast(null as string) as second_segment_code,
        cast(null as double) as assignment_confidence
    from customers
    left join large on customers.customer_id = large.customer_id
        and customers.as_of_month = large.month_start_date
    {%- endif %}

)

select
    -- keys
    {{ surrogate_key(['segments.customer_id', 'segments.scheme_code', 'segments.as_of_month']) }}
        as customer_segment_key,
    segments.customer_id as entity_id,
    segments.customer_id,
    customers.org_id,

    -- attributes
    'customer x scheme x month' as grain,
    segments.scheme_code,
    segments.scheme_version,
    segments.segment_code,
    segments.segment_label,
    segments.status,
    segments.second_segment_code,

    -- measures
    customers.revenue_amt,
    'CNY' as currency_code,
    segments.distance,
    segments.assignment_confidence,

    -- times
    customers.as_of_date,
    segments.as_of_month
from segments
inner join customers on segments.customer_id = customers.customer_id and segments.as_of_month = customers.as_of_month
