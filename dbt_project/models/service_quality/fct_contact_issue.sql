-- One row per issue: contacts of one customer for one family of reasons on any channel, each at most 7 days
-- (parameter repeat_contact_days) after the one before. Contacts without a customer are no issue. An issue is final
-- when these days have passed since its last contact.
with rule as (

    select
        cast(parameter_value as int) as repeat_days,
        valid_from,
        valid_to
    from {{ ref('parameters') }}
    where parameter_code = 'repeat_contact_days'

),

feeds as (

    select cast({{ add_days('max(last_file_date)', 1) }} as timestamp) as known_until_local
    from {{ ref('ops_feed') }}
    where contract_id = 'call_center__contact'

),

contacts as (

    select
        contacts.*,
        reasons.level1_code,
        86400 * rule.repeat_days as repeat_s,
        lag(contacts.offered_at) over (
            partition by contacts.customer_id, reasons.level1_code
            order by contacts.offered_at, contacts.contact_id
        ) as last_offered_at
    from {{ ref('fct_contact') }} as contacts
    inner join {{ ref('dim_reason') }} as reasons on contacts.reason_key = reasons.reason_key
    inner join rule on {{ valid_on('rule', 'contacts.contact_date') }}
    where contacts.customer_id is not null

),

numbered as (

    select
        *,
        sum(case when {{ seconds_between('last_offered_at', 'offered_at') }} <= repeat_s then 0 else 1 end) over (
            partition by customer_id, level1_code
            order by offered_at, contact_id
            rows between unbounded preceding and current row
        ) as issue_number
    from contacts

),

placed as (

    select
        *,
        row_number() over (
            partition by customer_id, level1_code, issue_number
            order by offered_at, contact_id
        ) as contact_number
    from numbered

),

issues as (

    select
        customer_id,
        level1_code,
        issue_number,
        count(*) as contact_count,
        count(distinct channel_code) as channel_count,
        count(case when is_abandoned then 1 end) as abandoned_count,
        cast(sum(handle_s) as bigint) as handle_s,
        max(repeat_s) as repeat_s,
        max(offered_at_local) as last_contact_at_local
    from placed
    group by customer_id, level1_code, issue_number

)

select
    -- keys
    {{ surrogate_key(['first_contacts.contact_id', 'first_contacts.level1_code']) }} as contact_issue_key,
    first_contacts.customer_key,
    first_contacts.subscription_key,
    first_contacts.org_key,
    first_contacts.reason_key,
    first_contacts.contact_channel_key,
    first_contacts.staff_key as first_owner_staff_key,
    first_contacts.customer_id,
    first_contacts.contact_id as first_contact_id,

    -- attributes
    first_contacts.level1_code as reason_family_code,
    cast(issues.issue_number as bigint) as issue_number,
    issues.abandoned_count < issues.contact_count as is_served,
    issues.contact_count = 1 and issues.abandoned_count = 0 as is_solved_at_first_contact,
    {{ add_seconds('issues.last_contact_at_local', 'issues.repeat_s') }} <= feeds.known_until_local as is_final,

    -- measures
    issues.contact_count,
    issues.channel_count,
    issues.abandoned_count,
    issues.handle_s,

    -- times
    first_contacts.offered_at as begun_at,
    first_contacts.offered_at_local as begun_at_local,
    issues.last_contact_at_local,
    first_contacts.contact_date as begun_date
from issues
inner join placed as first_contacts on issues.customer_id = first_contacts.customer_id
    and issues.level1_code = first_contacts.level1_code and issues.issue_number = first_contacts.issue_number
    and first_contacts.contact_number = 1
cross join feeds
