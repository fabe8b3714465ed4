-- One row per large customer and month with estimates: the spend that was expected (seasonal median of its own past and
-- a range of median absolute deviations), what it was, and where it broke out: what happened to it in that month, and
-- the task of its account manager, due within a cycle. Done is a task when a visit or activity of the customer was done
-- in that time. Without half a year of bills there is no range (status low_n).
{{ config(alias='key_account_watch', enabled=theme_is_on('key_accounts')) }}

with estimates as (

    select * from {{ source('analytics', 'key_account_watch') }}

),

large as (

    select * from {{ ref('fct_large_customer_month') }}
    where is_large

),

rules as (

    {{ parameters_of(['watch_task_days']) }}

),

seen as (

    select max(snapshot_date) as last_date from {{ ref('fct_subscription_flow_day') }}

),

circuits as (

    select
        customer_id,
        month_start_date,
        sum(case when is_opened then 1 else 0 end) as opened_circuit_count
    from {{ ref('fct_circuit_month') }}
    group by customer_id, month_start_date

),

ended as (

    select
        customer_id,
        {{ month_of('coalesce(terminated_on, expired_on)') }} as month_start_date,
        count(*) as ended_contract_count
    from {{ ref('fct_contract') }}
    where coalesce(terminated_on, expired_on) is not null and not is_renewed
    group by customer_id, {{ month_of('coalesce(terminated_on, expired_on)') }}

),

done as (

    select
        customer_id,
        done_date
    from {{ ref('fct_visit') }}
    where is_done
    union
    select
        customer_id,
        done_date
    from {{ ref('fct_activity') }}
    where is_done

),

judged as (

    select
        estimates.*,
        large.customer_key,
        large.org_id,
        large.account_manager_staff_key,
        large.service_grade_code,
        {{ add_days(add_months('estimates.as_of_month', 1), -1) }} as as_of_date,
        rules.watch_task_days,
        case
            when not coalesce(estimates.is_break, false) then null
            when estimates.direction_code = 'below' and large.closed_circuit_count > 0 then 'circuit_closed'
            when estimates.direction_code = 'below' and large.left_count > 0 then 'numbers_left'
            when estimates.direction_code = 'below' and coalesce(ended.ended_contract_count, 0) > 0
                then 'contract_ended'
            when estimates.direction_code = 'below' and large.credit_amt > 0 then 'credit_given'
            when estimates.direction_code = 'below' and large.missed_circuit_count > 0 then 'promise_missed'
            when estimates.direction_code = 'below' and coalesce(large.complaint_count, 0) > 0 then 'complaint'
            when estimates.direction_code = 'above' and coalesce(circuits.opened_circuit_count, 0) > 0
                then 'circuit_opened'
            when estimates.direction_code = 'above' and large.new_count > 0 then 'numbers_joined'
            else 'not_known'
        end as reason_code
    from estimates
    cross join rules
    inner join large on estimates.customer_id = large.customer_id and estimates.as_of_month = large.month_start_date
    left join circuits on estimates.customer_id = circuits.customer_id
        and estimates.as_of_month = circuits.month_start_date
    left join ended on estimates.customer_id = ended.customer_id and estimates.as_of_month = ended.month_start_date

),

tasks as (

    select
        judged.customer_id,
        judged.as_of_month,
        min(done.done_date) as task_done_on
    from judged
    inner join done on judged.customer_id = done.customer_id and judged.as_of_date < done.done_date
        and {{ add_days('judged.as_of_date', 'judged.watch_task_days') }} >= done.done_date
    where judged.is_break
    group by judged.customer_id, judged.as_of_month

)

select
    -- keys
    {{ surrogate_key(['judged.customer_id', 'judged.as_of_month']) }} as key_account_watch_key,
    judged.customer_id as entity_id,
    judged.customer_id,
    judged.customer_key,
    judged.org_id,
    judged.account_manager_staff_key,
    case when judged.is_break then {{ surrogate_key(["'watch'", 'judged.customer_id', 'judged.as_of_month']) }} end
        as task_id,

    -- attributes
    'large customer x month' as grain,
    'key account watch' as model_name,
    'seasonal median and MAD' as method,  -- noqa: RF04
    judged.status,
    judged.service_grade_code,
    judged.is_break,
    judged.direction_code,
    judged.reason_code,
    case
        when not coalesce(judged.is_break, false) then null
        when tasks.task_done_on is not null then 'done'
        when seen.last_date > {{ add_days('judged.as_of_date', 'judged.watch_task_days') }} then 'overdue'
        else 'open'
    end as task_state_code,

    -- measures
    judged.actual_amt,
    judged.expected_amt as estimate,
    judged.expected_low_amt as ci_low,
    judged.expected_high_amt as ci_high,
    'CNY' as currency_code,
    judged.season_factor,
    judged.mad_distance,
    judged.mad_count,
    judged.n_history as n_obs,

    -- times
    case when judged.is_break then {{ add_days('judged.as_of_date', 1) }} end as task_opened_on,
    case when judged.is_break then {{ add_days('judged.as_of_date', 'judged.watch_task_days') }} end as task_due_on,
    tasks.task_done_on,
    judged.as_of_date,
    judged.as_of_month
from judged
cross join seen
left join tasks on judged.customer_id = tasks.customer_id and judged.as_of_month = tasks.as_of_month
