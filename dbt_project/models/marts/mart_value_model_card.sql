-- One row per month, section and item: what the value estimates rest on. The retention curve and its parameters, how it
-- did on the last months when they were held out, how much of the revenue lies with how few customers, how many of the
-- best by spend are also the best by lifetime value, and whether segments come again in other samples.
{{ config(alias='value_model_card') }}

select
    -- keys
    {{ surrogate_key(['as_of_month', 'section', 'item']) }} as value_model_card_key,
    model_version as entity_id,
    model_version,

    -- attributes
    'model x item' as grain,
    'customer value' as model_name,
    section as section_code,
    item as item_code,
    detail as detail_text,
    status,

    -- measures
    place as item_place,
    estimate,
    ci_low,
    ci_high,
    ci_level,
    n_obs,

    -- times
    {{ add_days(add_months('as_of_month', 1), -1) }} as as_of_date,
    as_of_month
from {{ source('analytics', 'value_model_card') }}
