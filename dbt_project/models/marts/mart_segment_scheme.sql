-- One row per scheme, month and segment with customers: how many they are, what they bring, and whether the segment can
-- be trusted. A segment of behaviour is ok when its group lies apart from the others and comes again in other samples.
{{ config(alias='segment_scheme') }}

with counted as (

    select
        scheme_code,
        scheme_version,
        segment_code,
        as_of_month,
        as_of_date,
        min(segment_label) as segment_label,
        min(status) as status,
        count(*) as customer_count,
        cast(sum(revenue_amt) as decimal(18, 2)) as revenue_amt
    from {{ ref('mart_customer_segment') }}
    group by scheme_code, scheme_version, segment_code, as_of_month, as_of_date

),

totals as (

    select
        *,
        sum(customer_count) over (partition by scheme_code, as_of_month) as all_count,
        sum(revenue_amt) over (partition by scheme_code, as_of_month) as all_amt
    from counted

),

schemes as (

    select * from {{ source('analytics', 'segment_scheme') }}

),

cuts as (

    select
        as_of_month,
        value_class_code,
        min(class_from_amt) as class_from_amt
    from {{ source('analytics', 'customer_value') }}
    group by as_of_month, value_class_code

)

select
    -- keys
    {{ surrogate_key(['totals.scheme_code', 'totals.scheme_version', 'totals.segment_code', 'totals.as_of_month']) }}
        as segment_scheme_key,
    totals.scheme_code as entity_id,

    -- attributes
    'scheme x segment x month' as grain,
    totals.scheme_code,
    totals.scheme_version,
    totals.segment_code,
    totals.segment_label,
    totals.status,
    case when totals.scheme_code = 'behaviour' then 'normal mixture, frozen' else 'rule' end as method,  -- noqa: RF04
    schemes.features as feature_list,
    schemes.reason as reason_text,

    -- measures
    totals.customer_count,
    cast(totals.all_count as bigint) as all_count,
    cast(totals.customer_count as double) / totals.all_count as customer_share,
    totals.revenue_amt,
    cast(totals.revenue_amt as double) / nullif(cast(totals.all_amt as double), 0) as revenue_share,
    'CNY' as currency_code,
    cuts.class_from_amt,
    schemes.jaccard,
    schemes.n_obs,

    -- times
    schemes.made_of_month,
    totals.as_of_date,
    totals.as_of_month
from totals
left join schemes on totals.as_of_month = schemes.as_of_month
    and case when totals.scheme_code = 'behaviour' then totals.segment_code end
    = cast(schemes.segment_number as string)
left join cuts on totals.as_of_month = cuts.as_of_month
    and case when totals.scheme_code = 'value_class' then totals.segment_code end = cuts.value_class_code
