-- One row per as-of month, age on net and kind of leaving: the share that has left in that way by that age, when kinds
-- compete and people are seen from different ages on (Aalen-Johansen); (any) is all kinds together.
{{ config(alias='churn_incidence') }}

select
    -- keys
    {{ surrogate_key(['as_of_month', 'churn_kind_code', 'tenure_months']) }} as churn_incidence_key,
    churn_kind_code as entity_id,

    -- attributes
    'kind of leaving x age' as grain,
    'Aalen-Johansen' as method,  -- noqa: RF04
    churn_kind_code,
    status,

    -- measures
    tenure_months,
    hazard,
    estimate,
    ci_low,
    ci_high,
    ci_level,
    n_obs,
    n_events,

    -- times
    {{ add_days(add_months('as_of_month', 1), -1) }} as as_of_date,
    as_of_month
from {{ source('analytics', 'churn_incidence') }}
