-- One row per as-of month, component, segment, city, margin, design and price: how use answers to its own price and to
-- another one, with its interval and, where it has no number, the reason. Margins: use per subscription, choice of the
-- offer, churn, and the total, which is estimated by itself and not added up. is_plausible holds an own elasticity
-- against published ranges (seed price_plausibility): an alarm, never a correction.
{{ config(alias='price_elasticity') }}

select
    -- keys
    {{ surrogate_key([
        'estimates.as_of_month', 'estimates.component_code', 'estimates.segment_code', 'estimates.org_id',
        'estimates.margin_code', 'estimates.design_code', 'estimates.kind_code', 'estimates.price_component_code',
    ]) }} as price_elasticity_key,
    estimates.component_code as entity_id,
    estimates.model_version,
    estimates.component_code,
    estimates.org_id,

    -- attributes
    'component x segment x city x price' as grain,
    'price' as model_name,
    estimates.segment_code,
    estimates.margin_code,
    estimates.design_code,
    estimates.kind_code,
    estimates.price_component_code,
    estimates.is_discovery,
    estimates.ar_set,
    estimates.method,
    estimates.identification,
    estimates.status,
    case
        when estimates.status = 'ok' and estimates.kind_code = 'own'
            then estimates.estimate between bands.low and bands.high
    end as is_plausible,

    -- measures
    estimates.estimate,
    estimates.ci_low,
    estimates.ci_high,
    estimates.ci_level,
    estimates.std_error,
    estimates.p_value,
    estimates.shrunk_estimate,
    estimates.shrunk_ci_low,
    estimates.shrunk_ci_high,
    estimates.shrinkage,
    estimates.q_value,
    estimates.ar_low,
    estimates.ar_high,
    estimates.first_stage_f,
    estimates.first_stage_f_needed,
    estimates.price_variation_sd,
    estimates.n_obs,
    estimates.n_clusters,
    estimates.n_moved_clusters,
    estimates.rows_left_out,
    bands.low as plausible_low,
    bands.high as plausible_high,

    -- times
    estimates.train_from,
    estimates.train_to,
    {{ add_days(add_months('estimates.as_of_month', 1), -1) }} as as_of_date,
    estimates.as_of_month
from {{ source('analytics', 'price_elasticity') }} as estimates
left join {{ ref('price_plausibility') }} as bands on estimates.component_code = bands.component_code
    and estimates.margin_code = bands.margin_code
