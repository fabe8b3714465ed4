-- One row per as-of month, model version, section and item: what the model was trained on, how well it ranks and is
-- calibrated on rows it did not see (with intervals), hazard ratios, drift of each feature since training, and how the
-- scores, alerts and lists of earlier months came out.
{{ config(alias='churn_model_card') }}

select
    -- keys
    {{ surrogate_key(['as_of_month', 'model_version', 'section', 'item']) }} as churn_model_card_key,
    model_version as entity_id,
    model_version,

    -- attributes
    'model x item' as grain,
    'churn' as model_name,
    section as section_code,
    item as item_code,
    detail as detail_text,
    status,

    -- measures
    estimate,
    ci_low,
    ci_high,
    ci_level,
    n_obs,

    -- times
    {{ add_days(add_months('as_of_month', 1), -1) }} as as_of_date,
    as_of_month
from {{ source('analytics', 'churn_model_card') }}
