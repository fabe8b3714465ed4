-- One row per amount of commission earned by or taken back from an agent; the first copy of a record wins. An amount
-- for the same number and rule as an earlier one (SHARE: in the same month) is a repetition.
with amounts as (

    select
        *,
        {{ month_of('earned_on') }} as commission_month,
        row_number() over (partition by commission_id order by file_date, source_file, line_number) as copy_number
    from {{ ref('stg_billing__dealer_commission') }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by
                dealer_id, subscription_id, rule_code, case when rule_code = 'SHARE' then commission_month end
            order by earned_on, commission_id
        ) as payment_number
    from amounts
    where copy_number = 1

),

channels as (

    select * from {{ ref('dim_channel') }}

),

partners as (

    select * from {{ ref('dim_partner') }}

),

versions as (

    select * from {{ ref('dim_subscription') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

)

select
    -- keys
    {{ surrogate_key(['numbered.commission_id']) }} as dealer_commission_key,
    coalesce(partners.partner_key, {{ unknown_key() }}) as partner_key,
    coalesce(channels.channel_key, {{ unknown_key() }}) as channel_key,
    coalesce(versions.subscription_key, {{ unknown_key() }}) as subscription_key,
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    numbered.commission_id,
    numbered.clawback_of_commission_id,
    numbered.dealer_id,
    numbered.subscription_id,
    coalesce(channels.org_id, '?') as org_id,

    -- attributes
    numbered.rule_code,
    numbered.payment_number > 1 as is_repeated,

    -- measures
    numbered.commission_amt,
    'CNY' as currency_code,

    -- times and lineage
    numbered.earned_on,
    numbered.commission_month,
    numbered.file_date
from numbered
left join channels on numbered.channel_id = channels.channel_id
left join partners on numbered.dealer_id = partners.partner_id and {{ valid_on('partners', 'numbered.earned_on') }}
left join versions on numbered.subscription_id = versions.subscription_id
    and {{ valid_on('versions', 'numbered.earned_on') }}
left join orgs on channels.org_id = orgs.org_id and {{ valid_on('orgs', 'numbered.earned_on') }}
