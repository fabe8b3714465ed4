-- One row per customer and billed month in which it was active or was charged: what it is worth in three parts that are
-- kept apart. Economic: net revenue less direct cost, where a feed tells cost, and it says where not. Potential: what
-- it is still expected to bring over the horizon, discounted, and the next product. Social: its kind, whether others
-- look to it, how many it talks to. A part that is not known is null, and so is the score then.
{{ config(alias='customer_value') }}

with customer_months as (

    select * from {{ ref('feature_customer_month') }}

),

parameters as (

    select * from {{ ref('parameters') }}

),

weights as (

    select
        as_of_months.as_of_month,
        {%- for part in ['economic', 'potential', 'social'] %}
        max(case
            when parameters.parameter_code = 'value_weight_{{ part }}_pct' then parameters.parameter_value
        end) as {{ part }}_weight{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select distinct
            as_of_month,
            as_of_date
        from customer_months
    ) as as_of_months
    inner join parameters on {{ valid_on('parameters', 'as_of_months.as_of_date') }}
    group by as_of_months.as_of_month

),

worth as (

    select
        *,
        cast(revenue_amt - coalesce(direct_cost_amt, 0) as decimal(18, 2)) as economic_amt,
        direct_cost_amt + selling_cost_amt as cost_amt,
        revenue_amt - direct_cost_amt - selling_cost_amt as profit_amt
    from customer_months

),

last_months as (

    select
        customer_id,
        revenue_amt,
        cost_amt,
        {{ add_months('as_of_month', 1) }} as as_of_month
    from worth

),

estimates as (

    select * from {{ source('analytics', 'customer_value') }}

),

archive as (

    select * from {{ ref('dim_key_account') }}

),

-- What customers with one service also have: the service that most of them have and it has not, and what that brings.
held as (

    select
        services.as_of_month,
        services.customer_id,
        services.service_code,
        services.revenue_amt
    from {{ ref('feature_customer_service_month') }} as services
    inner join customer_months on services.customer_id = customer_months.customer_id
        and services.as_of_month = customer_months.as_of_month
    where customer_months.is_active

),

holders as (

    select
        as_of_month,
        service_code,
        count(*) as holder_count,
        {{ mean_amt('sum(revenue_amt)', 'count(*)') }} as mean_amt
    from held
    group by as_of_month, service_code

),

pairs as (

    select
        first_held.as_of_month,
        first_held.service_code,
        second_held.service_code as other_service_code,
        count(*) as both_count
    from held as first_held
    inner join held as second_held on first_held.as_of_month = second_held.as_of_month
        and first_held.customer_id = second_held.customer_id and first_held.service_code <> second_held.service_code
    group by first_held.as_of_month, first_held.service_code, second_held.service_code

),

offers as (

    select
        held.as_of_month,
        held.customer_id,
        pairs.other_service_code,
        max(cast(pairs.both_count as double) / holders.holder_count) as other_share
    from held
    inner join holders on held.as_of_month = holders.as_of_month and held.service_code = holders.service_code
    inner join pairs on held.as_of_month = pairs.as_of_month and held.service_code = pairs.service_code
    left join held as had on held.as_of_month = had.as_of_month and held.customer_id = had.customer_id
        and pairs.other_service_code = had.service_code
    where had.service_code is null
    group by held.as_of_month, held.customer_id, pairs.other_service_code

),

next_services as (

    select
        offers.as_of_month,
        offers.customer_id,
        offers.other_service_code as next_service_code,
        offers.other_share as next_service_share,
        cast(
            {{ whole_number('100 * cast(holders.mean_amt as double) * offers.other_share') }} * 0.01 as decimal(18, 2)
        ) as next_service_amt,
        row_number() over (
            partition by offers.as_of_month, offers.customer_id
            order by offers.other_share desc, offers.other_service_code
        ) as offer_number
    from offers
    inner join holders on offers.as_of_month = holders.as_of_month
        and offers.other_service_code = holders.service_code

),

social as (

    select
        worth.*,
        archive.customer_id is not null and (archive.is_strategic or archive.is_national_list) as is_reference,
        case when worth.is_active then
            percent_rank() over (partition by worth.as_of_month, worth.is_active order by worth.circle_count)
        end as circle_percentile
    from worth
    left join archive on worth.customer_id = archive.customer_id and {{ valid_on('archive', 'worth.as_of_date') }}

),

joined as (

    select
        social.*,
        estimates.estimate,
        estimates.ci_low,
        estimates.ci_high,
        estimates.ci_level,
        estimates.retention,
        estimates.expected_periods,
        estimates.margin_amt,
        estimates.horizon_months,
        estimates.monthly_discount,
        estimates.method,
        estimates.model_version,
        estimates.peers_status,
        estimates.peers_low_amt,
        estimates.peers_high_amt,
        estimates.room_low_amt,
        estimates.room_high_amt,
        estimates.value_class_code,
        estimates.class_from_amt,
        estimates.value_percentile,
        estimates.decile,
        estimates.n_obs,
        case
            when not social.is_active then 'left'
            else coalesce(estimates.status, 'pending')
        end as status,
        case when social.is_active then (
            social.circle_percentile + case when social.is_important then 1 else 0 end
            + case when social.is_reference then 1 else 0 end
        ) / 3 end as social_score
    from social
    left join estimates on case when social.is_active then social.customer_id end = estimates.customer_id
        and social.as_of_month = estimates.as_of_month

),

ranked as (

    select
        *,
        case when is_active then
            percent_rank() over (partition by as_of_month, is_active order by economic_amt)
        end as economic_percentile,
        case when estimate is not null then
            percent_rank() over (partition by as_of_month, estimate is null order by estimate)
        end as potential_percentile,
        case when is_active then
            percent_rank() over (partition by as_of_month, is_active order by social_score)
        end as social_percentile,
        rank() over (partition by as_of_month order by revenue_amt desc) as spend_rank,
        case when estimate is not null then
            rank() over (partition by as_of_month, estimate is null order by estimate desc)
        end as value_rank
    from joined

)

select
    -- keys
    {{ surrogate_key(['ranked.customer_id', 'ranked.as_of_month']) }} as customer_value_key,
    ranked.customer_id as entity_id,
    ranked.customer_id,
    ranked.customer_key,
    ranked.org_id,

    -- attributes
    'customer x month' as grain,
    'customer value' as model_name,
    ranked.model_version,
    ranked.method,
    ranked.status,
    ranked.is_active,
    ranked.customer_class_code,
    case when ranked.direct_cost_amt is null then 'net revenue' else 'net revenue - direct cost' end as value_basis,
    case when ranked.cost_amt is null then 'not delivered' else 'ok' end as cost_status,
    ranked.is_important,
    ranked.is_reference,
    case when ranked.is_active then coalesce(ranked.value_class_code, '?') else '?' end as value_class_code,
    next_services.next_service_code,

    -- economic value
    ranked.revenue_amt,
    ranked.direct_cost_amt,
    ranked.selling_cost_amt,
    ranked.economic_amt,
    cast(ranked.revenue_amt - ranked.direct_cost_amt as decimal(18, 2)) as gross_margin_amt,
    cast(ranked.profit_amt as decimal(18, 2)) as profit_amt,
    {%- for name, top, bottom in [
        ('gross_margin_ratio', 'ranked.revenue_amt - ranked.direct_cost_amt', 'ranked.revenue_amt'),
        ('revenue_profit_ratio', 'ranked.profit_amt', 'ranked.revenue_amt'),
        ('cost_profit_ratio', 'ranked.profit_amt', 'ranked.cost_amt'),
        ('selling_profit_ratio', 'ranked.profit_amt', 'ranked.selling_cost_amt'),
    ] %}
    cast({{ top }} as double) / nullif(cast({{ bottom }} as double), 0) as {{ name }},
    {%- endfor %}
    case when ranked.revenue_amt > last_months.revenue_amt and last_months.revenue_amt > 0 then
        (cast(ranked.cost_amt - last_months.cost_amt as double) / nullif(cast(last_months.cost_amt as double), 0))
        / (cast(ranked.revenue_amt - last_months.revenue_amt as double) / cast(last_months.revenue_amt as double))
    end as cost_to_revenue_growth_ratio,
    ranked.mean_revenue_amt,

    -- potential value
    ranked.estimate,
    ranked.ci_low,
    ranked.ci_high,
    ranked.ci_level,
    ranked.margin_amt,
    ranked.retention,
    ranked.expected_periods,
    ranked.horizon_months,
    ranked.monthly_discount,
    next_services.next_service_share,
    next_services.next_service_amt,
    coalesce(ranked.peers_status, 'pending') as peers_status,
    ranked.peers_low_amt,
    ranked.peers_high_amt,
    ranked.room_low_amt,
    ranked.room_high_amt,

    -- social value
    ranked.circle_count,
    ranked.social_score,

    -- together and in order
    ranked.economic_percentile,
    ranked.potential_percentile,
    ranked.social_percentile,
    (
        weights.economic_weight * ranked.economic_percentile + weights.potential_weight * ranked.potential_percentile
        + weights.social_weight * ranked.social_percentile
    ) / nullif(weights.economic_weight + weights.potential_weight + weights.social_weight, 0) as value_score,
    cast(weights.economic_weight as int) as economic_weight_pct,
    cast(weights.potential_weight as int) as potential_weight_pct,
    cast(weights.social_weight as int) as social_weight_pct,
    cast(ranked.spend_rank as bigint) as spend_rank,
    cast(ranked.value_rank as bigint) as value_rank,
    ranked.value_percentile,
    ranked.decile,
    ranked.class_from_amt,
    'CNY' as currency_code,
    ranked.age_months,
    ranked.n_obs,

    -- times
    ranked.as_of_date,
    ranked.as_of_month
from ranked
inner join weights on ranked.as_of_month = weights.as_of_month
left join last_months on ranked.customer_id = last_months.customer_id
    and ranked.as_of_month = last_months.as_of_month
left join next_services on ranked.customer_id = next_services.customer_id
    and ranked.as_of_month = next_services.as_of_month and next_services.offer_number = 1
