-- One row per loss of theme 1 (a subscription and the day on which it left): kind of leaving, cause and direction. The
-- cause is the one stated, else what register, calling circle, contract end or contacts of the last days say; what
-- nobody knows is ?. A port tells where someone went, not why: people port for every cause. mart_churn_flow counts
-- these rows, feature_churn_label learns from them.
with rules as (

    {{ parameters_of(['churn_cause_days']) }}

),

losses as (

    select
        subscription_id,
        opening_org_id as org_id,
        snapshot_date as left_on
    from {{ ref('fct_subscription_day') }}
    where is_left

),

complaints as (

    {% if theme_is_on('service_quality') -%}
    select
        losses.subscription_id,
        losses.left_on,
        max(case when contacts.reason_code in (
            'FAULT_NO_SIGNAL', 'FAULT_SLOW_DATA', 'FAULT_BROADBAND', 'COMPLAINT_QUALITY'
        ) then 1 else 0 end) as has_fault,
        max(case when contacts.reason_code = 'COMPLAINT_BILL' then 1 else 0 end) as has_bill,
        max(case when contacts.reason_code = 'COMPLAINT_SERVICE' then 1 else 0 end) as has_service
    from losses
    inner join {{ ref('fct_contact') }} as contacts on losses.subscription_id = contacts.subscription_id
    cross join rules
    where
        contacts.contact_date <= losses.left_on
        and contacts.contact_date >= {{ add_days('losses.left_on', '-rules.churn_cause_days') }}
    group by losses.subscription_id, losses.left_on
    {%- else -%}
    select
        subscription_id,
        left_on,
        0 as has_fault,
        0 as has_bill,
        0 as has_service
    from losses
    where 1 = 0
    {%- endif %}

),

explained as (

    select
        losses.subscription_id,
        losses.org_id,
        losses.left_on,
        leavers.leave_kind_code,
        coalesce(leavers.is_replaced, false) as is_replaced,
        coalesce(leavers.direction_operator_code, '?') as direction_operator_code,
        coalesce(leavers.direction_evidence_code, 'none') as direction_evidence_code,
        case
            when leavers.leave_kind_code = 'involuntary' then 'ARREARS'
            when leavers.is_replaced then 'RE_ENTRY'
            when causes.cause_code is not null then causes.cause_code
            when leavers.direction_evidence_code = 'circle' then 'COMPETITOR'
            when abs({{ days_between('versions.contract_end_on', 'losses.left_on') }}) <= rules.churn_cause_days
                then 'CONTRACT_END'
            when complaints.has_fault = 1 then 'QUALITY'
            when complaints.has_bill = 1 then 'PRICE'
            when complaints.has_service = 1 then 'SERVICE'
            else '?'
        end as cause_code,
        case
            when leavers.leave_kind_code = 'involuntary' or leavers.is_replaced then 'register'
            when causes.cause_code is not null then 'stated'
            when leavers.direction_evidence_code = 'circle' then 'circle'
            when abs({{ days_between('versions.contract_end_on', 'losses.left_on') }}) <= rules.churn_cause_days
                then 'contract'
            when complaints.has_fault + complaints.has_bill + complaints.has_service > 0 then 'contact'
            else 'none'
        end as cause_evidence_code,
        operators.operator_code is not null as is_to_rival
    from losses
    cross join rules
    left join {{ ref('fct_leaver') }} as leavers on losses.subscription_id = leavers.subscription_id
        and losses.left_on = leavers.left_on
    left join {{ ref('churn_causes') }} as causes on leavers.reason_code = causes.cause_code and causes.is_stated
    left join {{ ref('dim_operator') }} as operators on leavers.direction_operator_code = operators.operator_code
        and not operators.is_own and operators.operator_code <> '?'
    left join {{ ref('dim_subscription') }} as versions on leavers.subscription_key = versions.subscription_key
    left join complaints on losses.subscription_id = complaints.subscription_id
        and losses.left_on = complaints.left_on

)

select
    -- keys
    {{ surrogate_key(['explained.subscription_id', 'explained.left_on']) }} as churn_key,
    explained.subscription_id,
    explained.org_id,

    -- attributes
    case
        when explained.leave_kind_code = 'port_out' then 'port_out'
        when explained.is_replaced or explained.cause_code = 'MIGRATION' then 'internal_migration'
        when explained.leave_kind_code = 'involuntary' then 'involuntary'
        when explained.leave_kind_code = 'voluntary' and (explained.is_to_rival or explained.cause_code = 'COMPETITOR')
            then 'voluntary_competitor'
        when explained.leave_kind_code = 'voluntary' then 'voluntary_need'
        else '?'
    end as churn_kind_code,
    explained.cause_code,
    explained.cause_evidence_code,
    causes.reason_family_code,
    explained.direction_operator_code,
    explained.direction_evidence_code,
    explained.is_replaced,

    -- times
    explained.left_on
from explained
inner join {{ ref('churn_causes') }} as causes on explained.cause_code = causes.cause_code
