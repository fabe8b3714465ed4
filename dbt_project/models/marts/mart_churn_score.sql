-- One row per subscription and as-of month: how likely it leaves in the month of the label, why, what that loses,
-- whether it is among the alerts that people can work through, and, once that month is over, whether it left. Estimates
-- come from the analysis step; a row whose status is not ok has none.
{{ config(alias='churn_score') }}

with rules as (

    {{ parameters_of(['churn_gap_months', 'churn_horizon_months']) }}

),

scores as (

    select * from {{ source('analytics', 'churn_score') }}

),

labels as (

    select
        subscription_id,
        as_of_month,
        is_left,
        churn_kind_code,
        left_on
    from {{ ref('feature_churn_label') }}

)

select
    -- keys
    {{ surrogate_key(['scores.subscription_id', 'scores.as_of_month']) }} as churn_score_key,
    scores.subscription_id as entity_id,
    scores.subscription_id,
    features.customer_id,
    features.account_id,
    features.org_id,

    -- attributes
    'subscription x month' as grain,
    'churn' as model_name,
    scores.model_version,
    features.feature_set_version,
    'gradient-boosted hazard, calibrated on later months' as method,  -- noqa: RF04
    scores.status,
    case
        when scores.status <> 'ok' then '?'
        when scores.is_alert then 'alert'
        when scores.estimate >= 2 * avg(scores.estimate) over (partition by scores.as_of_month) then 'raised'
        else 'usual'
    end as risk_band_code,
    scores.is_alert,
    {%- for number in (1, 2, 3) %}
    scores.reason_code_{{ number }},
    scores.reason_family_{{ number }},
    {%- endfor %}
    labels.is_left,
    labels.churn_kind_code as left_kind_code,

    -- measures
    scores.estimate,
    scores.ci_low,
    scores.ci_high,
    scores.ci_level,
    scores.p_30,
    scores.p_60,
    scores.p_90,
    scores.p_voluntary_competitor,
    scores.p_voluntary_need,
    scores.p_involuntary,
    scores.p_port_out,
    scores.p_unknown,
    scores.baseline_probability,
    scores.log_odds,
    scores.risen_log_odds,
    scores.risk_rank,
    {%- for number in (1, 2, 3) %}
    scores.reason_value_{{ number }},
    {%- endfor %}
    scores.monthly_amt,
    scores.expected_loss_amt,
    scores.expected_loss_low_amt,
    scores.expected_loss_high_amt,
    'CNY' as currency_code,
    {{ days_between('features.as_of_date', 'labels.left_on') }} as lead_days,
    scores.n_obs,
    scores.n_events,

    -- times
    rules.churn_horizon_months as horizon_months,
    {{ add_months('scores.as_of_month', 'rules.churn_gap_months + 1') }} as outcome_from,
    {{ add_months('scores.as_of_month', 'rules.churn_gap_months + 1 + rules.churn_horizon_months') }} as outcome_to,
    scores.train_from,
    scores.train_to,
    features.as_of_date,
    scores.as_of_month
from scores
cross join rules
inner join {{ ref('feature_churn_month') }} as features on scores.subscription_id = features.subscription_id
    and scores.as_of_month = features.as_of_month
left join labels on scores.subscription_id = labels.subscription_id and scores.as_of_month = labels.as_of_month
