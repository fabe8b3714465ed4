-- One row per month of which the subscription list was known: the as-of date of its features, until when files that
-- came belong to them, whether that time is over, and how many of its files were corrected by later versions since.
with rules as (

    {{ parameters_of(['feature_wait_days']) }}

),

lists as (

    select distinct known_month from {{ ref('feature_file') }}
    where contract_id = 'billing__subscription' and {{ month_of('file_date') }} = known_month

),

newest as (

    select max(known_month) as known_month from {{ ref('feature_file') }}

),

corrections as (

    select
        known_month,
        count(*) as corrected_file_count
    from {{ ref('feature_file') }}
    where corrected_month > known_month
    group by known_month

)

select
    -- attributes
    newest.known_month > lists.known_month as is_closed,

    -- measures
    coalesce(corrections.corrected_file_count, 0) as corrected_file_count,

    -- times
    {{ add_days(add_months('lists.known_month', 1), 'rules.feature_wait_days') }} as known_until_date,
    lists.known_month as as_of_month,
    {{ add_days(add_months('lists.known_month', 1), -1) }} as as_of_date
from lists
cross join rules
cross join newest
left join corrections on lists.known_month = corrections.known_month
