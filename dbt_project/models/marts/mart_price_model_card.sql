-- One row per as-of month, section and item: what the price estimates rest on, how many were refused and why, and how
-- rehearsals of finished price changes came out.
{{ config(alias='price_model_card') }}

select
    -- keys
    {{ surrogate_key(['as_of_month', 'section', 'item']) }} as price_model_card_key,
    model_version as entity_id,
    model_version,

    -- attributes
    'model x item' as grain,
    'price' as model_name,
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
from {{ source('analytics', 'price_model_card') }}
