-- One row per city, day and kind of use: subscriptions reached, and those of them without such use for `silent_days`
-- days; from the day on which so many days of usage are known.
with kinds as (

    select 'ANY' as use_kind_code
    union all
    select 'OWN' as use_kind_code

),

rules as (

    select * from {{ ref('parameters') }}
    where parameter_code = 'silent_days'

),

feeds as (

    select * from {{ ref('ops_feed') }}
    where contract_id = 'billing__rated_voice'

),

reached as (

    select
        facts.subscription_id,
        facts.snapshot_date,
        facts.org_id,
        kinds.use_kind_code
    from {{ ref('fct_subscription_day') }} as facts
    inner join rules on {{ valid_on('rules', 'facts.snapshot_date') }}
    inner join feeds on facts.snapshot_date >= {{ add_days('feeds.first_file_date', 'rules.parameter_value - 1') }}
        and facts.snapshot_date <= feeds.last_file_date
    cross join kinds
    where facts.is_counted

)

select
    reached.org_id,
    reached.use_kind_code,
    count(periods.subscription_id) as silent_count,
    count(*) as reached_count,
    reached.snapshot_date
from reached
left join {{ ref('fct_silent_period') }} as periods on reached.subscription_id = periods.subscription_id
    and reached.use_kind_code = periods.use_kind_code
    and reached.snapshot_date >= periods.silent_from and reached.snapshot_date < periods.silent_to
group by reached.org_id, reached.use_kind_code, reached.snapshot_date
