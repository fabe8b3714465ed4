-- One row per as-of month, component, segment, city, margin and change of its price (-20 to +20 %): what would become
-- of use and of what is charged beyond the included units; refused outside of price changes that were ever observed.
{{ config(alias='price_what_if') }}

select
    -- keys
    {{ surrogate_key([
        'as_of_month', 'component_code', 'segment_code', 'org_id', 'margin_code', 'price_change',
    ]) }} as price_what_if_key,
    component_code as entity_id,
    component_code,
    org_id,

    -- attributes
    'component x segment x city x change of price' as grain,
    'price' as model_name,
    segment_code,
    margin_code,
    identification,
    status,

    -- measures
    price_change,
    volume_change,
    volume_change_low,
    volume_change_high,
    revenue_change,
    revenue_change_low,
    revenue_change_high,
    chance_revenue_rises,
    ci_level,
    draws,

    -- times
    {{ add_days(add_months('as_of_month', 1), -1) }} as as_of_date,
    as_of_month
from {{ source('analytics', 'price_what_if') }}
