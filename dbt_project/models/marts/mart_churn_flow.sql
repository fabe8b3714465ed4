-- One row per month, unit (city, province, headquarters), view and member of the view: who left, netted for those who
-- only changed the number, and the churn rate with its interval. Each view holds every loss of theme 1 once:
-- quantity (kind of leaving), cause (stated, else inferred), direction (port, else calling circle), structure (age on
-- net x value x product x channel; its units are the area). A column that is not part of a view says ALL.
{{ config(alias='churn_flow') }}
{% set views = {
    'quantity': ['churn_kind_code'],
    'cause': ['cause_code', 'cause_evidence_code', 'reason_family_code'],
    'direction': ['direction_operator_code', 'direction_evidence_code'],
    'structure': ['tenure_band_code', 'value_band_code', 'service_code', 'offer_id', 'channel_type_code'],
} -%}
{% set members = views.values() | sum(start=[]) -%}

with rules as (

    {{ parameters_of(['churn_value_months', 'churn_rate_least']) }}

),

losses as (

    select
        *,
        {{ month_of('left_on') }} as month_start_date
    from {{ ref('fct_churn') }}

),

last_losses as (

    select
        subscription_id,
        month_start_date,
        max_by(org_id, left_on) as org_id
    from losses
    group by subscription_id, month_start_date

),

-- Everyone who counted on some day of the month or its eve. Who left is placed where the loss counts.
people as (

    select
        present.subscription_id,
        present.month_start_date,
        coalesce(last_losses.org_id, orgs.org_id, '?') as org_id,
        coalesce(bands.band_code, '?') as tenure_band_code,
        coalesce(services.service_code, '?') as service_code,
        coalesce(offers.offer_id, '?') as offer_id,
        coalesce(channels.channel_type_code, '?') as channel_type_code
    from {{ ref('fct_subscription_month') }} as present
    left join last_losses on present.subscription_id = last_losses.subscription_id
        and present.month_start_date = last_losses.month_start_date
    left join {{ ref('dim_org') }} as orgs on present.org_key = orgs.org_key
    left join {{ ref('dim_profile_band') }} as bands on present.tenure_band_key = bands.profile_band_key
    left join {{ ref('dim_service') }} as services on present.service_key = services.service_key
    left join {{ ref('dim_offer') }} as offers on present.offer_key = offers.offer_key
    left join {{ ref('dim_channel') }} as channels on present.entry_channel_key = channels.channel_key
    where present.was_counted or present.counted_day_count > 0 or present.left_count > 0

),

revenues as (

    select
        people.subscription_id,
        people.month_start_date,
        {{ mean_amt('sum(revenue.recognised_amt)', 'count(distinct revenue.revenue_month)') }} as revenue_amt
    from people
    cross join rules
    inner join {{ ref('fct_revenue_month') }} as revenue on people.subscription_id = revenue.subscription_id
    where
        revenue.revenue_month < people.month_start_date
        and revenue.revenue_month >= {{ add_months('people.month_start_date', '-rules.churn_value_months') }}
    group by people.subscription_id, people.month_start_date

),

described as (

    select
        people.*,
        revenues.revenue_amt,
        coalesce(bands.band_code, '?') as value_band_code
    from people
    left join revenues on people.subscription_id = revenues.subscription_id
        and people.month_start_date = revenues.month_start_date
    left join {{ ref('dim_profile_band') }} as bands on bands.scheme_code = 'ARPU'
        and greatest(revenues.revenue_amt, 0) >= bands.lower_value
        and greatest(revenues.revenue_amt, 0) < bands.upper_value

),

-- One row per person at risk, and one per loss.
rows_of_both as (

    select
        subscription_id,
        month_start_date,
        org_id,
        tenure_band_code,
        value_band_code,
        service_code,
        offer_id,
        channel_type_code,
        '?' as churn_kind_code,
        '?' as cause_code,
        'none' as cause_evidence_code,
        '?' as reason_family_code,
        '?' as direction_operator_code,
        'none' as direction_evidence_code,
        1 as at_risk_count,
        0 as left_count,
        0 as replaced_count,
        cast(0 as decimal(18, 2)) as lost_amt,
        month_start_date as valid_date
    from described

    union all

    select
        losses.subscription_id,
        losses.month_start_date,
        losses.org_id,
        coalesce(described.tenure_band_code, '?') as tenure_band_code,
        coalesce(described.value_band_code, '?') as value_band_code,
        coalesce(described.service_code, '?') as service_code,
        coalesce(described.offer_id, '?') as offer_id,
        coalesce(described.channel_type_code, '?') as channel_type_code,
        losses.churn_kind_code,
        losses.cause_code,
        losses.cause_evidence_code,
        losses.reason_family_code,
        losses.direction_operator_code,
        losses.direction_evidence_code,
        0 as at_risk_count,
        1 as left_count,
        case when losses.is_replaced then 1 else 0 end as replaced_count,
        coalesce(described.revenue_amt, 0) as lost_amt,
        losses.left_on as valid_date
    from losses
    left join described on losses.subscription_id = described.subscription_id
        and losses.month_start_date = described.month_start_date

),

placed as (

    {% for level in ['city', 'province', 'hq'] -%}
    select
        rows_of_both.*,
        '{{ level | upper }}' as org_level_code,
        coalesce(orgs.{{ level }}_id, '?') as unit_id
    from rows_of_both
    left join {{ ref('dim_org') }} as orgs on rows_of_both.org_id = orgs.org_id
        and {{ valid_on('orgs', 'rows_of_both.valid_date') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

risk as (

    select
        org_level_code,
        unit_id,
        month_start_date,
        cast(sum(at_risk_count) as bigint) as at_risk_count
    from placed
    group by org_level_code, unit_id, month_start_date

),

counted as (

    {% for view, columns in views.items() -%}
    select
        '{{ view }}' as view_code,
        placed.org_level_code,
        placed.unit_id,
        {%- for column in members %}
        {{ 'placed.' ~ column if column in columns else "'ALL'" }} as {{ column }},
        {%- endfor %}
        cast(sum(placed.left_count) as bigint) as left_count,
        cast(sum(placed.replaced_count) as bigint) as replaced_count,
        cast(sum(placed.lost_amt) as decimal(18, 2)) as lost_amt,
        {{ 'cast(sum(placed.at_risk_count) as bigint)' if view == 'structure' else 'max(risk.at_risk_count)' }}
            as at_risk_count,
        placed.month_start_date
    from placed
    {%- if view != 'structure' %}
    left join risk on placed.org_level_code = risk.org_level_code and placed.unit_id = risk.unit_id
        and placed.month_start_date = risk.month_start_date
    where placed.left_count > 0
    {%- endif %}
    group by
        placed.org_level_code,
        placed.unit_id,
        placed.month_start_date
        {%- for column in columns %},
        placed.{{ column }}
        {%- endfor %}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    -- keys
    {{ surrogate_key(['counted.view_code', 'counted.org_level_code', 'counted.unit_id', 'counted.month_start_date']
                     + members) }} as churn_flow_key,
    counted.unit_id as entity_id,
    counted.org_level_code,
    counted.unit_id as org_id,

    -- attributes
    counted.view_code,
    {%- for column in members %}
    counted.{{ column }},
    {%- endfor %}
    'unit x month' as grain,
    'wilson' as method,  -- noqa: RF04
    case when counted.at_risk_count >= rules.churn_rate_least then 'ok' else 'low_n' end as status,

    -- measures
    counted.left_count,
    counted.replaced_count,
    counted.left_count - counted.replaced_count as net_left_count,
    counted.lost_amt,
    'CNY' as currency_code,
    counted.at_risk_count as n_obs,
    {%- for name, value in {
        'estimate': 'cast(counted.left_count as double) / nullif(counted.at_risk_count, 0)',
        'ci_low': wilson('counted.left_count', 'counted.at_risk_count', -1),
        'ci_high': wilson('counted.left_count', 'counted.at_risk_count', 1),
    }.items() %}
    case when counted.at_risk_count >= rules.churn_rate_least then {{ value }} end as {{ name }},
    {%- endfor %}
    cast(0.95 as decimal(3, 2)) as ci_level,

    -- times
    1 as horizon_months,
    {{ add_days(add_months('counted.month_start_date', 1), -1) }} as as_of_date,
    counted.month_start_date
from counted
cross join rules
