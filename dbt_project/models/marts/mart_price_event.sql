-- One row per as-of month, price change of an offer, segment and city (ALL: whole offer): use per subscription before
-- and after, arc elasticity against units whose price stayed, with interval; refused where that cannot be told.
{{ config(alias='price_event') }}

select
    -- keys
    {{ surrogate_key([
        'as_of_month', 'component_code', 'offer_id', 'changed_on', 'segment_code', 'org_id',
    ]) }} as price_event_key,
    offer_id as entity_id,
    component_code,
    offer_id,
    org_id,

    -- attributes
    'price change x segment x city' as grain,
    'price' as model_name,
    segment_code,
    identification,
    status,

    -- measures
    window_months,
    price_before_amt,
    price_after_amt,
    quantity_before,
    quantity_after,
    effective_price_before_amt,
    effective_price_after_amt,
    n_obs,
    comparison_change,
    arc_without_comparison,
    estimate,
    ci_low,
    ci_high,
    ci_level,
    'CNY' as currency_code,

    -- times
    changed_on,
    {{ add_days(add_months('as_of_month', 1), -1) }} as as_of_date,
    as_of_month
from {{ source('analytics', 'price_event') }}
