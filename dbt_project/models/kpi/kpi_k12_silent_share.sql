-- One row per city and day: K12 silent share 沉默用户占比, version 1: subscriptions reached without any record
-- for `silent_days` days, over subscriptions reached; from the day on which so many days of usage are known.
select
    'K12' as kpi_id,
    'day' as period_type,
    facts.snapshot_date as period_start,
    facts.org_id,
    cast(count(periods.subscription_id) as decimal(38, 6)) as numerator,
    cast(count(*) as decimal(38, 6)) as denominator
from {{ ref('fct_subscription_day') }} as facts
inner join {{ ref('parameters') }} as rules on rules.parameter_code = 'silent_days'
    and {{ valid_on('rules', 'facts.snapshot_date') }}
inner join {{ ref('ops_feed') }} as feeds on feeds.contract_id = 'billing__rated_voice'
    and facts.snapshot_date >= {{ add_days('feeds.first_file_date', 'rules.parameter_value - 1') }}
    and facts.snapshot_date <= feeds.last_file_date
left join {{ ref('fct_silent_period') }} as periods on facts.subscription_id = periods.subscription_id
    and periods.use_kind_code = 'ANY'
    and facts.snapshot_date >= periods.silent_from and facts.snapshot_date < periods.silent_to
where facts.is_counted
group by facts.snapshot_date, facts.org_id
