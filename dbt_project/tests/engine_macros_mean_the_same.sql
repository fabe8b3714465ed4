-- Every macro of macros/engine gives the value written beside it. Runs on each engine: a row is a difference.
{%- set lists %}(
        select 1 as list_id, '[{"a": "x", "b": 1.5}, {"a": null}]' as items
        union all
        select 2 as list_id, '[]' as items
        union all
        select 3 as list_id, cast(null as string) as items
        union all
        select 4 as list_id, '[{"a": ' as items
    ) as lists
{%- endset %}
{%- set key_columns = ["'经营'", 'cast(null as int)', 'day_one', 'instant_one', 'cast(1.50 as decimal(9, 2))', 'true'] %}
{%- set cases = [
    ['add_days', add_days('day_one', 29), '2026-03-01'],
    ['add_days, back', add_days('day_one', -31), '2025-12-31'],
    ['add_months', add_months('day_one', 1), '2026-02-28'],
    ['add_months, back', add_months('day_one', -2), '2025-11-30'],
    ['add_seconds', add_seconds('instant_two', 3600), '2026-02-01 01:00:01.2'],
    ['days_between', days_between('day_one', 'day_two'), '30'],
    ['days_between, instants', days_between('instant_one', 'instant_two'), '1'],
    ['seconds_between', seconds_between('instant_one', 'instant_two'), '2'],
    ['seconds_between, back', seconds_between('instant_two', 'instant_one'), '-2'],
    ['months_between', months_between('day_one', 'day_two'), '2'],
    ['month_of', month_of('instant_two'), '2026-02-01'],
    ['iso_weekday, saturday', iso_weekday('day_one'), '6'],
    ['iso_weekday, sunday', iso_weekday(add_days('day_one', 1)), '7'],
    ['text_match', text_match("'Node=7,EUtranCell=A-1'", 'EUtranCell=(.+)$'), 'A-1'],
    ['text_match, none', text_match("'Node=7'", 'EUtranCell=(.+)$'), ''],
    ['text_matches', text_matches("'5G-100'", '^5G'), 'true'],
    ['text_matches, none', text_matches("'4G-100'", '^5G'), 'false'],
    ['whole_number', whole_number('cast(2.5 as decimal(9, 2))'), '3'],
    ['whole_number, negative', whole_number('cast(-2.5 as decimal(9, 2))'), '-3'],
    ['surrogate_key', surrogate_key(key_columns), local_md5('经营||2026-01-31|2026-01-31 23:59:58.7|1.50|true')],
    ['date_spine', '(select count(*) from spine)', '3'],
    ['date_spine, first', '(select min(calendar_date) from spine)', '2026-02-27'],
    ['date_spine, last', '(select max(calendar_date) from spine)', '2026-03-01'],
    ['date_spine, no day', '(select count(*) from no_spine)', '0'],
    ['json_array_rows', '(select count(*) from listed)', '2'],
    ['json_array_rows, first', "(select max(concat_ws(' ', a_text, b_text)) from listed where item_number = 1)", 'x 1.5'],
    ['json_array_rows, nulls', '(select count(*) from listed where a_text is null and b_text is null)', '1'],
    ['null sorts first', '(select max(place) from placed where day_one is null)', '1'],
] %}

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

    {{ json_array_rows(lists, ['list_id'], 'items', {'a_text': 'a', 'b_text': 'b'}) }}

),

with_null as (

    select day_one from instants
    union all
    select cast(null as date) as day_one

),

placed as (

    select
        day_one,
        row_number() over (order by day_one) as place
    from with_null

),

compared as (
    {% for name, actual, expected in cases %}
    select
        '{{ name }}' as macro_name,
        cast({{ actual }} as string) as actual,
        '{{ expected }}' as expected
    from instants
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    macro_name,
    actual,
    expected
from compared
where actual is distinct from expected
