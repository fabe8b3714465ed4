-- One row per subscription with bills in the four months up to an as-of month, as known by then: what it was billed and
-- whether the bill jumped.
with months as (

    select
        as_of_month,
        as_of_date
    from {{ ref('feature_as_of') }}
    where is_closed and ({{ since_window('as_of_date', lookback_days=10) }} {{ not_there_yet('as_of_date') }})

),

item_rows as (

    {{ known_rows('billing__bill_item', ['bill_id', 'subscription_id', 'charge_item_code', 'net_amt']) }}

),

charges as (

    select
        months.as_of_month,
        months.as_of_date,
        item_rows.subscription_id,
        {{ months_between('item_rows.file_date', 'months.as_of_month') }} as months_ago,
        cast(sum(item_rows.net_amt) as decimal(18, 2)) as net_amt,
        cast(
            sum(case when charge_items.charge_class_code = 'usage' then item_rows.net_amt else 0 end) as decimal(18, 2)
        ) as usage_amt
    from item_rows
    inner join months on item_rows.known_month <= months.as_of_month and item_rows.file_date <= months.as_of_date
        and item_rows.file_date >= {{ add_months('months.as_of_month', -3) }}
    left join {{ ref('charge_items') }} as charge_items on item_rows.charge_item_code = charge_items.charge_item_code
    where coalesce(charge_items.charge_class_code, '?') <> 'oneoff'
    group by months.as_of_month, months.as_of_date, item_rows.subscription_id, item_rows.file_date

),

spent as (

    select
        as_of_month,
        as_of_date,
        subscription_id,
        cast(sum(case when months_ago = 0 then net_amt else 0 end) as decimal(18, 2)) as bill_amt,
        cast(sum(case when months_ago = 0 then usage_amt else 0 end) as decimal(18, 2)) as bill_usage_amt,
        cast(sum(case when months_ago > 0 then net_amt else 0 end) as decimal(18, 2)) as earlier_amt,
        count(case when months_ago > 0 then 1 end) as earlier_count,
        {{ mean_amt('sum(net_amt)', 'count(*)') }} as mean_bill_amt
    from charges
    group by as_of_month, as_of_date, subscription_id

)

select
    -- keys
    subscription_id,

    -- measures
    bill_amt,
    bill_usage_amt,
    mean_bill_amt,
    cast(round(cast(bill_amt as double) * earlier_count / nullif(cast(earlier_amt as double), 0), 6) as double)
        as bill_jump_ratio,
    cast(round(cast(bill_usage_amt as double) / nullif(cast(bill_amt as double), 0), 6) as double) as bill_usage_share,

    -- times
    as_of_month,
    as_of_date
from spent
