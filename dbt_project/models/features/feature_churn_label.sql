-- One row per subscription and as-of month of feature_churn_month: whether it left in the months of the label. These
-- begin churn_gap_months after the as-of month, because acting takes time, and last churn_horizon_months. Who leaves in
-- between has no label; who only changed the number (re-entry) has not left. Labels are what is known today, not what
-- was known by then.
with rules as (

    {{ parameters_of(['churn_gap_months', 'churn_horizon_months']) }}

),

people as (

    select
        features.subscription_id,
        features.as_of_month,
        {{ add_months('features.as_of_month', 'rules.churn_gap_months + 1') }} as label_from,
        {{ add_months('features.as_of_month', 'rules.churn_gap_months + 1 + rules.churn_horizon_months') }} as label_to,
        features.as_of_date
    from {{ ref('feature_churn_month') }} as features
    cross join rules
    where {{ since_window('features.as_of_date', lookback_days=120) }} {{ not_there_yet('features.as_of_date') }}

),

seen as (

    select max(snapshot_date) as last_date from {{ ref('fct_subscription_flow_day') }}

),

leavers as (

    select
        *,
        row_number() over (partition by subscription_id order by left_on desc) as newest_number
    from {{ ref('fct_churn') }}

),

judged as (

    select
        people.*,
        leavers.churn_kind_code,
        leavers.cause_code,
        leavers.direction_operator_code,
        coalesce(leavers.is_replaced, false) as is_replaced,
        leavers.left_on,
        seen.last_date >= {{ add_days('people.label_to', -1) }} as is_complete,
        coalesce(leavers.left_on < people.label_from, false) as has_left_before,
        coalesce(leavers.left_on >= people.label_from and leavers.left_on < people.label_to, false) as has_left_then
    from people
    cross join seen
    left join leavers on people.subscription_id = leavers.subscription_id and leavers.newest_number = 1
        and people.as_of_date < leavers.left_on

)

select
    -- keys
    subscription_id,

    -- attributes
    is_complete,
    has_left_before,
    case when is_complete and not has_left_before then has_left_then and not is_replaced end as is_left,
    case when has_left_then then is_replaced end as is_replaced,
    case when has_left_then then churn_kind_code end as churn_kind_code,
    case when has_left_then then cause_code end as cause_code,
    case when has_left_then then direction_operator_code end as direction_operator_code,

    -- times
    case when has_left_then then left_on end as left_on,
    label_from,
    label_to,
    as_of_month,
    as_of_date
from judged
