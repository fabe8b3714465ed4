-- One row per subscription and as-of month in which it counted: what was known of it by then, for models of leaving.
-- Only files that had come by the cut-off of the month have a part in a row, so that an old month counted again is the
-- same. A feature whose feed had not come by then, or whose theme is off, is null; nothing seen in a feed that came is
-- 0. Which family of reasons a feature belongs to is said in seeds/churn_features.csv.
{% set feeds = {
    'billing__rated_voice': 'usage', 'network__alarm': 'service_quality', 'billing__bill_item': 'revenue',
    'billing__payment': 'revenue', 'call_center__contact': 'service_quality', 'crm__segment_list': 'marketing',
    'network__measurement': 'service_quality',
} -%}
{% set counts = {
    'use': ['billing__rated_voice', ['record_count', 'originated_minutes', 'volume_bytes', 'used_day_share',
        'call_count_3m', 'rival_call_count_3m']],
    'outage': ['network__alarm', ['home_outage_count', 'home_outage_s']],
    'quality': ['network__measurement', ['degraded_record_count', 'degraded_duration_s', 'degraded_volume_bytes']],
    'money': ['billing__bill_item', ['bill_amt', 'bill_usage_amt', 'mean_bill_amt']],
    'payment': ['billing__payment', ['late_bill_count', 'late_bill_count_3m', 'late_days_3m']],
    'care': ['call_center__contact', ['contact_count_3m', 'complaint_count', 'fault_count', 'complaint_count_3m',
        'repeat_contact_count_3m']],
    'list': ['crm__segment_list', ['retention_count_2m', 'retention_control_count_2m', 'campaign_count_3m']],
} -%}
{% set sources = {
    'use': 'uses', 'outage': 'uses', 'quality': 'qualities', 'money': 'bills', 'payment': 'payments', 'care': 'cares',
    'list': 'cares',
} -%}
with months as (

    select
        as_of_month,
        as_of_date
    from {{ ref('feature_as_of') }}
    where is_closed and ({{ since_window('as_of_date', lookback_days=10) }} {{ not_there_yet('as_of_date') }})

),

known_feeds as (

    select
        months.as_of_month
        {%- for feed, theme in feeds.items() %},
        {%- set has_come = "max(case when files.contract_id = '" ~ feed ~ "' then 1 else 0 end) = 1" %}
        {{ has_come if theme_is_on(theme) else 'false' }} as has_{{ feed }}
        {%- endfor %}
    from months
    left join {{ ref('feature_file') }} as files on months.as_of_month >= files.known_month
    group by months.as_of_month

),

-- Who pays before is never late. A condition on the left side of a left join would be a loop over all pairs on DuckDB.
people as (

    select
        subscriptions.*,
        case when not subscriptions.is_prepaid then subscriptions.account_id end as billed_account_id
    from {{ ref('feature_subscription_month') }} as subscriptions
    inner join months on subscriptions.as_of_date = months.as_of_date

),

uses as (

    select * from {{ ref('feature_use_window') }}

),

qualities as (

    select * from {{ ref('feature_quality_window') }}

),

bills as (

    select * from {{ ref('feature_money_window') }}

),

payments as (

    select * from {{ ref('feature_payment_window') }}

),

cares as (

    select * from {{ ref('feature_care_window') }}

),

offer_rows as (

    {{ known_rows('billing__offer', ['offer_id', 'component_code', 'included_quantity', 'valid_from']) }}

),

allowances as (

    select
        as_of_month,
        offer_id,
        max(case when component_code = 'DATA' then included_quantity end) as included_mb,
        max(case when component_code = 'VOICE' then included_quantity end) as included_min
    from (
        select
            months.as_of_month,
            offer_rows.*,
            row_number() over (
                partition by months.as_of_month, offer_rows.offer_id, offer_rows.component_code
                order by offer_rows.valid_from desc, offer_rows.file_date desc, offer_rows.source_file desc,
                    offer_rows.line_number desc
            ) as newest_number
        from offer_rows
        inner join months on offer_rows.known_month <= months.as_of_month
            and offer_rows.valid_from <= months.as_of_date and offer_rows.file_date <= months.as_of_date
    ) as numbered
    where newest_number = 1
    group by as_of_month, offer_id

)

select
    -- keys
    people.subscription_id,
    people.account_id,
    people.customer_id,
    people.org_id,
    people.offer_id,
    uses.home_cell_id,

    -- attributes
    people.service_code,
    people.network_generation_code,
    people.entry_channel_type_code,
    people.customer_type_code,
    people.service_grade_code,
    people.credit_grade_code,
    people.is_prepaid,
    people.is_important,
    people.is_group_member,
    people.has_contract,
    people.is_contract_ending,

    -- measures
    people.tenure_months,
    people.tenure_days,
    people.months_to_contract_end,
    people.customer_subscription_count,
    {%- for part, (feed, measures) in counts.items() %}
    {%- for measure in measures %}
    case when known_feeds.has_{{ feed }} then coalesce({{ sources[part] }}.{{ measure }}, 0) end as {{ measure }},
    {%- endfor %}
    {%- endfor %}
    uses.use_to_peak_ratio,
    uses.use_to_last_month_ratio,
    uses.use_slope_ratio,
    uses.use_loss_share,
    uses.use_rise_ratio,
    uses.volume_to_peak_ratio,
    uses.days_since_own_use,
    uses.rival_call_share,
    case when known_feeds.has_network__measurement and known_feeds.has_billing__rated_voice then cast(round(cast(
        coalesce(qualities.degraded_record_count, 0) as double) / nullif(uses.record_count, 0), 6) as double)
    end as degraded_use_ratio,
    bills.bill_jump_ratio,
    bills.bill_usage_share,
    allowances.included_mb,
    allowances.included_min,
    cast(round(cast(uses.volume_bytes as double) / 1048576 / nullif(cast(allowances.included_mb as double), 0), 6)
        as double) as volume_to_included_ratio,
    cast(round(cast(uses.originated_minutes as double) / nullif(cast(allowances.included_min as double), 0), 6)
        as double) as minutes_to_included_ratio,
    case when uses.mean_volume_bytes_3m > 0 and allowances.included_mb > 0 then
        cast(round(abs(ln(least(greatest(cast(uses.mean_volume_bytes_3m as double) / 1048576 / cast(
            allowances.included_mb as double), 0.2), 5))), 6) as double)
    end as volume_misfit,

    -- times
    3 as feature_set_version,
    people.as_of_month,
    people.as_of_date
from people
inner join known_feeds on people.as_of_month = known_feeds.as_of_month
left join uses on people.as_of_date = uses.as_of_date and people.subscription_id = uses.subscription_id
left join qualities on people.as_of_date = qualities.as_of_date and people.subscription_id = qualities.subscription_id
left join bills on people.as_of_date = bills.as_of_date and people.subscription_id = bills.subscription_id
left join payments on people.as_of_date = payments.as_of_date and people.billed_account_id = payments.account_id
left join cares on people.as_of_date = cares.as_of_date and people.subscription_id = cares.subscription_id
left join allowances on people.as_of_month = allowances.as_of_month and people.offer_id = allowances.offer_id
