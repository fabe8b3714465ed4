-- One row per accepted file: when it was known, and the first as-of month whose features may use it. A file counts from
-- the day on which the first version of its unit (sender, period, part, sequence) came: what a later version corrects
-- cannot be told apart any more, feature_as_of counts such files. Features of a month close feature_wait_days after it.
with rules as (

    {{ parameters_of(['feature_wait_days']) }}

),

files as (

    select
        contract_id,
        file_name,
        file_date,
        state,
        arrived_at,
        min(arrived_at) over (
            partition by contract_id, sender, period, part, sequence, file_date
        ) as first_arrived_at
    from {{ ref('ops_file') }}
    where state in ('accepted', 'superseded') and contract_id is not null and control_kind is null

)

select
    -- keys
    files.contract_id,
    files.file_name,

    -- times
    files.arrived_at,
    files.first_arrived_at,
    {{ month_of(add_days('cast(files.first_arrived_at as date)', '-rules.feature_wait_days')) }} as known_month,
    {{ month_of(add_days('cast(files.arrived_at as date)', '-rules.feature_wait_days')) }} as corrected_month,
    files.file_date
from files
cross join rules
where files.state = 'accepted' and files.first_arrived_at is not null
