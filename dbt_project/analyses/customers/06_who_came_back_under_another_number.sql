-- Question: How many of the new are old customers under another number? 新增中有多少是重入网？
with new_subscriptions as (
    select date_trunc('month', event_date) as month, count(*) as new_count
    from customers.fct_subscription_event
    where is_new
    group by all
),
re_entries as (
    select
        date_trunc('month', opened_on) as month,
        count(*) filter (where replacement_kind_code = 'whole') as whole_count,
        count(*) filter (where replacement_kind_code = 'part') as part_count
    from customers.fct_re_entry
    group by all
)
select
    new_subscriptions.month,
    new_subscriptions.new_count,
    coalesce(re_entries.whole_count, 0) as whole_count,
    coalesce(re_entries.part_count, 0) as part_count,
    round(100.0 * (coalesce(re_entries.whole_count, 0) + coalesce(re_entries.part_count, 0))
        / new_subscriptions.new_count, 2) as re_entry_pct
from new_subscriptions
left join re_entries on new_subscriptions.month = re_entries.month
order by new_subscriptions.month
