-- One row per offer, tariff component and as-of month in which a version of it was in force: the price of one more unit
-- by the dated versions that had come by then. A price that changes within the month counts by days.
with months as (

    select
        as_of_month,
        as_of_date
    from {{ ref('feature_as_of') }}
    where is_closed and ({{ since_window('as_of_date', lookback_days=10) }} {{ not_there_yet('as_of_date') }})

),

offer_rows as (

    {{ known_rows('billing__offer', [
        'offer_id', 'component_code', 'tariff_version', 'unit_code', 'unit_price_amt', 'included_quantity',
        'valid_from', 'valid_to',
    ]) }}

),

listed as (

    select
        months.as_of_month,
        months.as_of_date,
        offer_rows.*,
        row_number() over (
            partition by
                months.as_of_month, offer_rows.offer_id, offer_rows.component_code, offer_rows.tariff_version
            order by offer_rows.file_date desc, offer_rows.source_file desc, offer_rows.line_number desc
        ) as newest_number
    from offer_rows
    inner join months on offer_rows.known_month <= months.as_of_month and offer_rows.file_date <= months.as_of_date

),

versions as (

    select
        *,
        lag(unit_price_amt) over (
            partition by as_of_month, offer_id, component_code order by valid_from, tariff_version
        ) as price_before_amt
    from listed
    where newest_number = 1

),

in_force as (

    select
        *,
        cast({{ days_between(
            'greatest(valid_from, as_of_month)',
            "least(coalesce(valid_to, cast('9999-12-31' as date)), " ~ add_days('as_of_date', 1) ~ ")",
        ) }} as int) as day_count
    from versions
    where valid_from <= as_of_date and coalesce(valid_to, cast('9999-12-31' as date)) > as_of_month

)

select
    -- keys
    offer_id,
    component_code,

    -- attributes
    max(unit_code) as unit_code,
    min(unit_price_amt) <> max(unit_price_amt) as is_mixed,

    -- measures
    cast(round(cast(sum(unit_price_amt * day_count) as double) / nullif(sum(day_count), 0), 8) as decimal(18, 8))
        as unit_price_amt,
    min(unit_price_amt) as lowest_price_amt,
    max(unit_price_amt) as highest_price_amt,
    max(included_quantity) as included_quantity,

    -- times
    max(case when valid_from >= as_of_month and unit_price_amt <> price_before_amt then valid_from end)
        as price_changed_on,
    as_of_month,
    as_of_date
from in_force
where day_count > 0
group by offer_id, component_code, as_of_month, as_of_date
