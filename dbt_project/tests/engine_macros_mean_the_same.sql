-- Every macro of macros/engine gives the value written beside it. Runs on each engine: a row is a difference.
{%- set lists %}
    select 1 as list_id, '[{"a": "x", "b": 1.5}, {"a": null}]' as items
    union all
    select 2 as list_id, '[]' as items
    union all
    select 3 as list_id, cast(null as string) as items
    union all
    select 4 as list_id, '[{"a": ' as items
{%- endset %}

with instants as (

    select
        cast('2026-01-31' as date) as day_one,
        cast('2026-03-02' as date) as day_two,
        cast('2026-01-31 23:59:58.700' as timestamp) as instant_one,
        cast('2026-02-01 00:00:01.200' as timestamp) as instant_two

),

spine as (

    {{ date_spine("cast('2026-02-27' as date)", "cast('2026-03-02' as date)") }}

),

no_spine as (

    {{ date_spine("cast('2026-03-02' as date)", "cast('2026-02-27' as date)") }}

),

listed as (

    {{ json_array_rows('(' ~ lists ~ ') as lists', ['list_id'], 'items', {'a_text': 'a', 'b_text': 'b'}) }}

),

compared as (

    select 'add_days' as macro_name, cast({{ add_days('day_one', 29) }} as string) as actual, '2026-03-01' as expected from instants
    union all
    select 'add_days back', cast({{ add_days('day_one', -31) }} as string), '2025-12-31' from instants
    union all
    select 'add_months', cast({{ add_months('day_one', 1) }} as string), '2026-02-28' from instants
    union all
    select 'add_months back', cast({{ add_months('day_one', -2) }} as string), '2025-11-30' from instants
    union all
    select 'add_seconds', cast({{ add_seconds('instant_two', 3600) }} as string), '2026-02-01 01:00:01.2' from instants
    union all
    select 'days_between', cast({{ days_between('day_one', 'day_two') }} as string), '30' from instants
    union all
    select 'days_between instants', cast({{ days_between('instant_one', 'instant_two') }} as string), '1' from instants
    union all
    select 'seconds_between', cast({{ seconds_between('instant_one', 'instant_two') }} as string), '2' from instants
    union all
    select 'seconds_between back', cast({{ seconds_between('instant_two', 'instant_one') }} as string), '-2' from instants
    union all
    select 'months_between', cast({{ months_between('day_one', 'day_two') }} as string), '2' from instants
    union all
    select 'month_of', cast({{ month_of('instant_two') }} as string), '2026-02-01' from instants
    union all
    select 'iso_weekday', cast({{ iso_weekday('day_one') }} as string), '6' from instants
    union all
    select 'iso_weekday of sunday', cast({{ iso_weekday(add_days('day_one', 1)) }} as string), '7' from instants
    union all
    select 'date_spine', concat_ws(' ', cast(min(calendar_date) as string), cast(max(calendar_date) as string), cast(count(*) as string)), '2026-02-27 2026-03-01 3' from spine
    union all
    select 'date_spine without a day', cast(count(*) as string), '0' from no_spine
    union all
    select 'text_match', {{ text_match("'Node=7,EUtranCell=A-1'", 'EUtranCell=(.+)$') }}, 'A-1'
    union all
    select 'text_match without a match', {{ text_match("'Node=7'", 'EUtranCell=(.+)$') }}, ''
    union all
    select 'text_matches', cast({{ text_matches("'5G-100'", '^5G') }} as string), 'true'
    union all
    select 'whole_number', cast({{ whole_number('cast(2.5 as decimal(9,2))') }} as string), '3'
    union all
    select 'surrogate_key', {{ surrogate_key(["'经营'", 'cast(null as int)', 'day_one', 'instant_one', 'cast(1.50 as decimal(9,2))', 'true']) }}, md5('经营||2026-01-31|2026-01-31 23:59:58.7|1.50|true') from instants
    union all
    select 'json_array_rows', concat_ws(' ', cast(list_id as string), cast(item_number as string), a_text, b_text), case item_number when 1 then '1 1 x 1.5' else '1 2' end from listed
    union all
    select 'json_array_rows count', cast(count(*) as string), '2' from listed
    union all
    select 'null sorts first', cast(max(case when place = 1 and value is null then 1 else 0 end) as string), '1'
    from (select value, row_number() over (order by value) as place from (select 1 as value union all select null as value) as two) as placed

)

select *
from compared
where actual is distinct from expected
