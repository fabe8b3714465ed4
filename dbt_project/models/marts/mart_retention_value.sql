-- One row per subscription and as-of month: what contacting it is worth (uplift x value - cost), the action that
-- follows and whether it is held back by lot. Uplift is estimated from lists that were drawn by lot; without one there
-- is no figure (status not_identified). Value is net revenue: no feed says what serving a subscription costs.
{{ config(alias='retention_value') }}

select
    -- keys
    {{ surrogate_key(['estimates.subscription_id', 'estimates.as_of_month']) }} as retention_value_key,
    estimates.subscription_id as entity_id,
    estimates.subscription_id,
    features.customer_id,
    features.org_id,

    -- attributes
    'subscription x month' as grain,
    'retention' as model_name,
    estimates.model_version as policy_version,
    features.feature_set_version,
    estimates.method,
    estimates.status,
    'net revenue' as value_basis,
    estimates.action_code,
    estimates.is_control,

    -- measures
    estimates.estimate,
    estimates.ci_low,
    estimates.ci_high,
    estimates.ci_level,
    estimates.value_amt,
    estimates.cost_amt,
    estimates.net_value_amt,
    'CNY' as currency_code,
    estimates.value_rank,
    estimates.n_obs,

    -- times
    features.as_of_date,
    estimates.as_of_month
from {{ source('analytics', 'retention_value') }} as estimates
inner join {{ ref('feature_churn_month') }} as features on estimates.subscription_id = features.subscription_id
    and estimates.as_of_month = features.as_of_month
