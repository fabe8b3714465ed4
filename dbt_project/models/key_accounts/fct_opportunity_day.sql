-- One row per city, stage and day with open opportunities at the end of the day: the pipeline and its forecast, value
-- times likelihood of the stage.
with messages as (

    select
        *,
        cast(changed_at_local as date) as changed_date,
        {{ is_newest(['opportunity_id', 'cast(changed_at_local as date)'], 'changed_at') }} as is_newest
    from {{ ref('stg_crm__opportunity') }}

),

-- The stage at the end of each day on which it changed holds until the next such day.
stages as (

    select
        opportunity_id,
        org_id,
        stage_code,
        value_amt,
        likelihood_pct,
        changed_date as valid_from,
        lead(changed_date) over (partition by opportunity_id order by changed_date) as next_date
    from messages
    where is_newest

),

last_day as (

    select max(last_file_date) as last_date from {{ ref('ops_feed') }}

),

days as (

    select
        dates.calendar_date as snapshot_date,
        stages.opportunity_id,
        stages.org_id,
        stages.stage_code,
        stages.value_amt,
        stages.likelihood_pct
    from stages
    cross join last_day
    inner join {{ ref('dim_date') }} as dates on stages.valid_from <= dates.calendar_date
        and coalesce(stages.next_date, cast('9999-12-31' as date)) > dates.calendar_date
        and last_day.last_date >= dates.calendar_date
    where stages.stage_code not in ('WON', 'LOST')

),

orgs as (

    select * from {{ ref('dim_org') }}

),

summed as (

    select
        snapshot_date,
        org_id,
        stage_code,
        count(*) as open_count,
        sum(value_amt) as value_amt,
        sum(value_amt * cast(likelihood_pct as decimal(5, 2))) * 0.01 as forecast_amt
    from days
    group by snapshot_date, org_id, stage_code

)

select
    -- keys
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    summed.org_id,

    -- attributes
    summed.stage_code,

    -- measures
    cast(summed.open_count as bigint) as open_count,
    cast(summed.value_amt as decimal(18, 2)) as value_amt,
    cast(summed.forecast_amt as decimal(18, 2)) as forecast_amt,
    'CNY' as currency_code,

    -- times
    summed.snapshot_date
from summed
left join orgs on summed.org_id = orgs.org_id and {{ valid_on('orgs', 'summed.snapshot_date') }}
