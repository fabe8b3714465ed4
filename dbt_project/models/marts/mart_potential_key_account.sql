-- One row per month and customer on the list of potential large customers 潜在大客户: active, under no rule of large
-- customers, ranked by what the best of its peers spend or it spends itself, whichever is more. How far it is from the
-- line, what it lacks of what its peers buy, and, once the months after are over, whether it became a large customer.
{{ config(alias='potential_key_account', enabled=theme_is_on('key_accounts')) }}

with parameters as (

    select * from {{ ref('parameters') }}

),

limits as (

    select
        as_of_months.as_of_month,
        {%- for code in ['high_value_line_amt', 'potential_account_count', 'potential_outcome_months'] %}
        max(case when parameters.parameter_code = '{{ code }}' then parameters.parameter_value end) as {{ code }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from (
        select
            as_of_month,
            max(as_of_date) as as_of_date
        from {{ ref('feature_customer_month') }}
        group by as_of_month
    ) as as_of_months
    inner join parameters on {{ valid_on('parameters', 'as_of_months.as_of_date') }}
    group by as_of_months.as_of_month

),

newest as (

    select max(as_of_month) as last_month from limits

),

customer_values as (

    select * from {{ ref('mart_customer_value') }}
    where is_active and status <> 'pending' and customer_class_code in ('public', 'organisation')

),

large as (

    select
        customer_id,
        month_start_date
    from {{ ref('fct_large_customer_month') }}
    where is_large

),

later as (

    select
        customer_values.customer_id,
        customer_values.as_of_month,
        min(large.month_start_date) as converted_month
    from customer_values
    inner join limits on customer_values.as_of_month = limits.as_of_month
    inner join large on customer_values.customer_id = large.customer_id
        and customer_values.as_of_month < large.month_start_date
        and {{ add_months('customer_values.as_of_month', 'limits.potential_outcome_months') }}
        >= large.month_start_date
    group by customer_values.customer_id, customer_values.as_of_month

),

candidates as (

    select
        customer_values.*,
        limits.high_value_line_amt,
        limits.potential_account_count,
        later.converted_month,
        greatest(customer_values.mean_revenue_amt, coalesce(customer_values.peers_high_amt, 0)) as reachable_amt,
        {{ add_months('customer_values.as_of_month', 'limits.potential_outcome_months') }}
        <= newest.last_month as is_outcome_known
    from customer_values
    cross join newest
    inner join limits on customer_values.as_of_month = limits.as_of_month
    left join large on customer_values.customer_id = large.customer_id
        and customer_values.as_of_month = large.month_start_date
    left join later on customer_values.customer_id = later.customer_id
        and customer_values.as_of_month = later.as_of_month
    where large.customer_id is null

),

ranked as (

    select
        *,
        row_number() over (
            partition by as_of_month order by reachable_amt desc, mean_revenue_amt desc, customer_id
        ) as potential_rank,
        count(*) over (partition by as_of_month) as candidate_count,
        sum(case when converted_month is not null then 1 else 0 end) over (partition by as_of_month)
            as all_converted_count
    from candidates

)

select
    -- keys
    {{ surrogate_key(['customer_id', 'as_of_month']) }} as potential_key_account_key,
    customer_id as entity_id,
    customer_id,
    customer_key,
    org_id,

    -- attributes
    'customer x month' as grain,
    'potential large customer' as model_name,
    'rank by reachable spend' as method,  -- noqa: RF04
    peers_status as status,
    customer_class_code,
    next_service_code,
    case when is_outcome_known then converted_month is not null end as is_converted,

    -- measures
    cast(potential_rank as bigint) as potential_rank,
    mean_revenue_amt,
    cast(revenue_amt - mean_revenue_amt as decimal(18, 2)) as revenue_trend_amt,
    peers_low_amt as ci_low,
    peers_high_amt as ci_high,
    cast(reachable_amt as decimal(18, 2)) as reachable_amt,
    cast(high_value_line_amt as decimal(18, 2)) as high_value_line_amt,
    cast(greatest(high_value_line_amt - mean_revenue_amt, 0) as decimal(18, 2)) as distance_amt,
    room_high_amt,
    next_service_amt,
    'CNY' as currency_code,
    circle_count,
    candidate_count,
    case when is_outcome_known then cast(all_converted_count as bigint) end as all_converted_count,
    n_obs,

    -- times
    converted_month,
    as_of_date,
    as_of_month
from ranked
where potential_rank <= potential_account_count
