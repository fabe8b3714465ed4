{# One row for each day from `first` (inclusive) to `last` (exclusive): a set-returning expression that
   may stand once in a select list; rows without a day vanish. Both are dates.
   Example: select subscription_id, {{ each_day('valid_from', 'valid_to') }} as usage_date from t #}
{% macro each_day(first, last) %}{{ return(adapter.dispatch('each_day')(first, last)) }}{% endmacro %}

{% macro default__each_day(first, last) -%}
    cast(unnest(generate_series({{ first }}, {{ last }} - interval 1 day, interval 1 day)) as date)
{%- endmacro %}

{% macro spark__each_day(first, last) -%}
    explode(case when {{ first }} < {{ last }} then sequence({{ first }}, date_sub({{ last }}, 1), interval 1 day) else array() end)
{%- endmacro %}

{# A select of one column `calendar_date` with every day from `first` (inclusive) to `last` (exclusive).
   Example: with days as ({{ date_spine("date '2026-01-01'", "date '2027-01-01'") }}) #}
{% macro date_spine(first, last) -%}
    select {{ each_day(first, last) }} as calendar_date
{%- endmacro %}

{# A date some whole days later (earlier when negative).
   Example: {{ add_days('file_date', -1) }} #}
{% macro add_days(day, count) %}{{ return(adapter.dispatch('add_days')(day, count)) }}{% endmacro %}

{% macro default__add_days(day, count) -%}
    (cast({{ day }} as date) + cast({{ count }} as int))
{%- endmacro %}

{% macro spark__add_days(day, count) -%}
    date_add(cast({{ day }} as date), cast({{ count }} as int))
{%- endmacro %}

{# A date some whole months later; the last day of a shorter month when the day does not exist there.
   Example: {{ add_months('bill_month', 1) }} #}
{% macro add_months(day, count) %}{{ return(adapter.dispatch('add_months')(day, count)) }}{% endmacro %}

{% macro default__add_months(day, count) -%}
    cast(cast({{ day }} as date) + to_months(cast({{ count }} as int)) as date)
{%- endmacro %}

{% macro spark__add_months(day, count) -%}
    add_months(cast({{ day }} as date), cast({{ count }} as int))
{%- endmacro %}

{# A timestamp some seconds later.
   Example: {{ add_seconds('started_at', 'duration_s') }} as ended_at #}
{% macro add_seconds(instant, count) %}{{ return(adapter.dispatch('add_seconds')(instant, count)) }}{% endmacro %}

{% macro default__add_seconds(instant, count) -%}
    ({{ instant }} + to_seconds({{ count }}))
{%- endmacro %}

{% macro spark__add_seconds(instant, count) -%}
    timestampadd(second, {{ count }}, {{ instant }})
{%- endmacro %}

{# Whole days from one date to another (calendar days when timestamps are given).
   Example: {{ days_between('opened_on', 'closed_on') }} as life_days #}
{% macro days_between(first, last) %}{{ return(adapter.dispatch('days_between')(first, last)) }}{% endmacro %}

{% macro default__days_between(first, last) -%}
    date_diff('day', cast({{ first }} as date), cast({{ last }} as date))
{%- endmacro %}

{% macro spark__days_between(first, last) -%}
    cast(datediff(cast({{ last }} as date), cast({{ first }} as date)) as bigint)
{%- endmacro %}

{# Whole seconds from one timestamp to another, fractions dropped.
   Example: {{ seconds_between('opened_at', 'resolved_at') }} as resolution_s #}
{% macro seconds_between(first, last) %}{{ return(adapter.dispatch('seconds_between')(first, last)) }}{% endmacro %}

{% macro default__seconds_between(first, last) -%}
    date_sub('second', {{ first }}, {{ last }})
{%- endmacro %}

{% macro spark__seconds_between(first, last) -%}
    timestampdiff(second, {{ first }}, {{ last }})
{%- endmacro %}

{# Months from the month of one date to the month of another, days ignored.
   Example: {{ months_between('opened_on', 'file_date') }} as tenure_months #}
{% macro months_between(first, last) -%}
    cast((extract(year from {{ last }}) - extract(year from {{ first }})) * 12
        + extract(month from {{ last }}) - extract(month from {{ first }}) as int)
{%- endmacro %}

{# The first day of the month of a date or timestamp, as a date.
   Example: {{ month_of('file_date') }} as bill_month #}
{% macro month_of(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}

{# The weekday, 1 = Monday to 7 = Sunday.
   Example: {{ iso_weekday('calendar_date') }} as weekday_number #}
{% macro iso_weekday(day) %}{{ return(adapter.dispatch('iso_weekday')(day)) }}{% endmacro %}

{% macro default__iso_weekday(day) -%}
    cast(extract(isodow from {{ day }}) as int)
{%- endmacro %}

{% macro spark__iso_weekday(day) -%}
    cast(extract(dayofweek_iso from {{ day }}) as int)
{%- endmacro %}
