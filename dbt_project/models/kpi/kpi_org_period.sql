-- One row per KPI, version, breakdown, period and organisation unit: cities as counted, provinces and headquarters as
-- sums of numerators and of denominators over the units below them on the last day of the period, or as the KPI itself
-- counts them. What has no known city is in unit ?. Every version is counted for every period; one is in force.
with counted as (

    select
        'day' as period_type,
        kpi_id,
        definition_version,
        breakdown_code,
        rollup_code,
        org_id,
        numerator,
        denominator,
        period_start,
        period_start as period_end
    from {{ ref('kpi_city_day') }}

    union all

    select
        'month' as period_type,
        kpi_id,
        definition_version,
        breakdown_code,
        rollup_code,
        org_id,
        numerator,
        denominator,
        period_start,
        {{ add_days(add_months('period_start', 1), -1) }} as period_end
    from {{ ref('kpi_city_month') }}

),

orgs as (

    select * from {{ ref('dim_org') }}

),

headquarters as (

    select coalesce(max(org_id), '?') as hq_id
    from orgs
    where org_level_code = 'HQ'

),

placed as (

    select
        counted.*,
        coalesce(orgs.city_id, '?') as city_id,
        coalesce(orgs.province_id, '?') as province_id,
        headquarters.hq_id
    from counted
    cross join headquarters
    left join orgs on counted.org_id = orgs.org_id and {{ valid_on('orgs', 'counted.period_end') }}
    where counted.rollup_code = 'sum'

),

levels as (

    {% for level in ['city', 'province', 'hq'] -%}
    select
        period_type,
        kpi_id,
        definition_version,
        breakdown_code,
        rollup_code,
        '{{ level | upper }}' as org_level_code,
        {{ level }}_id as org_id,
        cast(sum(numerator) as decimal(38, 6)) as numerator,
        cast(sum(denominator) as decimal(38, 6)) as denominator,
        period_start,
        period_end
    from placed
    group by
        period_type, kpi_id, definition_version, breakdown_code, rollup_code, {{ level }}_id, period_start, period_end
    union all
    {% endfor -%}
    select
        counted.period_type,
        counted.kpi_id,
        counted.definition_version,
        counted.breakdown_code,
        counted.rollup_code,
        coalesce(orgs.org_level_code, 'CITY') as org_level_code,
        counted.org_id,
        counted.numerator,
        counted.denominator,
        counted.period_start,
        counted.period_end
    from counted
    left join orgs on counted.org_id = orgs.org_id and {{ valid_on('orgs', 'counted.period_end') }}
    where counted.rollup_code = 'own'

),

definitions as (

    select
        *,
        coalesce(
            lead(effective_from) over (partition by kpi_id order by effective_from), cast('9999-12-31' as date)
        ) as effective_to
    from {{ ref('kpis') }}

),

needed_feeds as (

    select
        definitions.kpi_id,
        definitions.definition_version,
        feeds.contract_id,
        feeds.last_file_date
    from definitions
    inner join {{ ref('ops_feed') }} as feeds
        on concat('|', definitions.feeds, '|') like concat('%|', feeds.contract_id, '|%')

),

-- A KPI is known up to the last day that every feed it needs has delivered; null when one never did.
deliveries as (

    select
        definitions.kpi_id,
        definitions.definition_version,
        case
            when count(needed_feeds.last_file_date)
                > length(definitions.feeds) - length(replace(definitions.feeds, '|', ''))
                then min(needed_feeds.last_file_date)
        end as known_until
    from definitions
    left join needed_feeds on definitions.kpi_id = needed_feeds.kpi_id
        and definitions.definition_version = needed_feeds.definition_version
    group by definitions.kpi_id, definitions.definition_version, definitions.feeds

),

wait_rule as (

    select
        cast(parameter_value as int) as wait_days,
        valid_from,
        valid_to
    from {{ ref('parameters') }}
    where parameter_code = 'file_wait_days'

),

-- A file that is owed is waited for until some days after its deadline; then it is given up.
owed_days as (

    select
        needed_feeds.kpi_id,
        needed_feeds.definition_version,
        files.file_date,
        sum(case when files.minutes_late <= 1440 * wait_rule.wait_days then files.file_count else 0 end)
            as awaited_count,
        sum(case when files.minutes_late > 1440 * wait_rule.wait_days then files.file_count else 0 end)
            as given_up_count
    from {{ ref('ops_expected_file') }} as files
    inner join needed_feeds on files.contract_id = needed_feeds.contract_id
    inner join wait_rule on {{ valid_on('wait_rule', 'files.file_date') }}
    where files.state <> 'due'
    group by needed_feeds.kpi_id, needed_feeds.definition_version, files.file_date

),

delivered_days as (

    select
        needed_feeds.kpi_id,
        needed_feeds.definition_version,
        files.file_date,
        count(*) as file_count
    from {{ ref('ops_file') }} as files
    inner join needed_feeds on files.contract_id = needed_feeds.contract_id
    where files.state = 'accepted'
    group by needed_feeds.kpi_id, needed_feeds.definition_version, files.file_date

),

defined as (

    select
        levels.*,
        definitions.factor,
        coalesce(definitions.settles_after_days, 0) as settles_after_days,
        levels.period_end >= definitions.effective_from
        and levels.period_end < definitions.effective_to as is_in_force,
        deliveries.known_until
    from levels
    inner join definitions on levels.kpi_id = definitions.kpi_id
        and levels.definition_version = definitions.definition_version
    inner join deliveries on definitions.kpi_id = deliveries.kpi_id
        and definitions.definition_version = deliveries.definition_version
    where levels.period_start <= deliveries.known_until

),

periods as (

    select distinct
        kpi_id,
        definition_version,
        period_type,
        period_start,
        period_end
    from defined

),

owed_periods as (

    select
        periods.kpi_id,
        periods.definition_version,
        periods.period_type,
        periods.period_start,
        periods.period_end,
        sum(owed_days.awaited_count) as awaited_count,
        sum(owed_days.given_up_count) as given_up_count
    from periods
    inner join owed_days on periods.kpi_id = owed_days.kpi_id
        and periods.definition_version = owed_days.definition_version
        and periods.period_start <= owed_days.file_date and periods.period_end >= owed_days.file_date
    group by
        periods.kpi_id, periods.definition_version, periods.period_type, periods.period_start, periods.period_end

),

-- A period in which a file is still to come stays provisional; one with files given up is final and says so.
incomplete_periods as (

    select
        owed_periods.kpi_id,
        owed_periods.definition_version,
        owed_periods.period_type,
        owed_periods.period_start,
        owed_periods.awaited_count > 0 as is_awaited,
        owed_periods.given_up_count,
        owed_periods.given_up_count + coalesce(sum(delivered_days.file_count), 0) as expected_count
    from owed_periods
    left join delivered_days on owed_periods.kpi_id = delivered_days.kpi_id
        and owed_periods.definition_version = delivered_days.definition_version
        and owed_periods.period_start <= delivered_days.file_date
        and owed_periods.period_end >= delivered_days.file_date
    group by
        owed_periods.kpi_id, owed_periods.definition_version, owed_periods.period_type, owed_periods.period_start,
        owed_periods.awaited_count, owed_periods.given_up_count

)

select
    -- keys
    coalesce(orgs.org_key, {{ unknown_key() }}) as org_key,
    defined.kpi_id,
    defined.org_id,

    -- attributes
    defined.period_type,
    defined.org_level_code,
    defined.breakdown_code,
    defined.rollup_code,
    defined.definition_version,
    defined.is_in_force,
    case
        when defined.period_end <= defined.known_until and not coalesce(incomplete_periods.is_awaited, false)
            then 'final'
        else 'provisional'
    end as status_code,
    case
        when defined.period_end > defined.known_until then 'not all days are delivered'
        when incomplete_periods.is_awaited then 'a file is outstanding'
        when incomplete_periods.kpi_id is not null
            then concat(
                'incomplete: ', cast(cast(incomplete_periods.given_up_count as bigint) as string), ' of ',
                cast(cast(incomplete_periods.expected_count as bigint) as string), ' files never came'
            )
    end as status_reason,
    defined.period_end <= defined.known_until
    and {{ add_days('defined.period_end', 'defined.settles_after_days') }} > defined.known_until as is_still_counting,

    -- measures
    defined.numerator,
    defined.denominator,
    case
        when defined.denominator is null then cast(defined.numerator as double)
        else cast(defined.numerator as double) / nullif(cast(defined.denominator as double), 0)
    end * defined.factor as kpi_value,

    -- times
    defined.period_start,
    defined.period_end
from defined
left join incomplete_periods on defined.kpi_id = incomplete_periods.kpi_id
    and defined.definition_version = incomplete_periods.definition_version
    and defined.period_type = incomplete_periods.period_type
    and defined.period_start = incomplete_periods.period_start
left join orgs on defined.org_id = orgs.org_id and {{ valid_on('orgs', 'defined.period_end') }}
