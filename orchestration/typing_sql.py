"""The SQL that a contract implies: text to typed columns with a reason per bad row, lake rows, masked rejects.

Pure text in, text out: nothing here runs a query or knows where files are.
"""

from __future__ import annotations

from orchestration.contracts import Column, Contract

TRUE_WORDS, FALSE_WORDS = ("1", "y", "yes", "true", "t"), ("0", "n", "no", "false", "f")

LIKE_A_NUMBER = r"\b(?:[0-9]{9,13}|[0-9]{15,}[xX]?)\b"  # telephone, document, account; 14 digits are an instant


def typed_rows(contract: Contract, source: str) -> str:
    """file_no, line_number, reason (`code:column`), raw_text (rejects only), then the typed columns.

    Personal columns stay text here; they become tokens in `lake_rows`. What a contract says of days is counted from
    the day of the file, which table `file_day` knows.
    """
    nulls = ", ".join(_quoted(word) for word in ("", *contract.null_words))
    text = ",\n    ".join(
        f"case when trim({c.name}) in ({nulls}) then null else trim({c.name}) end as {c.name}" for c in contract.columns
    )
    typed = ",\n    ".join(f"{_typed(c, contract)} as {c.name}__typed" for c in contract.columns)
    tests = "\n        ".join(test for column in contract.columns for test in _tests(column))
    days = "join file_day using (file_no)" if any(c.days_from_file for c in contract.columns) else ""
    values = ", ".join(f"{c.name}__typed as {c.name}" for c in contract.columns)
    kept = _kept_text(contract)
    return f"""
with delivered as (
    select file_no, line_number, raw_text, format_error,
    {text}
    from {source}
),
typed as (
    select file_no, line_number, raw_text, format_error, {", ".join(c.name for c in contract.columns)},
    {typed}
    from delivered
),
judged as (
    select *,
    case
        when format_error is not null then format_error || ':'
        {tests}
    end as reason
    from typed {days}
)
select file_no, line_number, reason, case when reason is not null then {kept} end as raw_text, {values}
from judged"""


def _kept_text(contract: Contract) -> str:
    """What a reject keeps of its text: all of it, but of a JSON record with people in it only what the contract reads.

    Paths that no column reads may hold names and numbers, and nobody said which.
    """
    if not (contract.personal and contract.format.startswith("json")):
        return "raw_text"
    read = ", ".join(f"{_quoted(c.source)}: {c.name}" for c in contract.columns)
    return f"case when split_part(reason, ':', 2) = '' then raw_text else cast(to_json({{{read}}}) as varchar) end"


def _typed(column: Column, contract: Contract) -> str:
    name = column.name
    if column.is_personal or column.logical_type in ("string", "array", "object"):
        return name
    if column.logical_type in ("integer", "number"):
        return _number(column, contract)
    if column.logical_type == "boolean":
        words = {
            value: ", ".join(map(_quoted, choice)) for value, choice in (("true", TRUE_WORDS), ("false", FALSE_WORDS))
        }
        return " ".join(["case", *(f"when lower({name}) in ({w}) then {v}" for v, w in words.items()), "end"])
    if column.logical_type == "date":
        return f"cast({_instant(name, contract.date_format)} as date)"
    return _instant(name, contract.timestamp_format)


def _number(column: Column, contract: Contract) -> str:
    """A number, or null where a plain cast would round the text or read it as something it is not."""
    name = column.name
    plain = f"replace({name}, ',', '')" if contract.options.get("thousandsSeparator") == "," else name
    value = f"try_cast({plain} as {column.physical_type})"
    strange = [f"contains({name}, '_')"]
    if column.logical_type == "integer":
        strange += [f"contains({name}, '{letter}')" for letter in ".eExXbB"]
    elif column.physical_type.startswith("decimal"):  # as text: a wide decimal to compare with costs ten times as much
        scale = int(column.physical_type.rstrip(") ").rpartition(",")[2])
        strange += [f"contains({name}, 'e')", f"contains({name}, 'E')"]
        strange.append(f"(contains({name}, '.') and length(rtrim(split_part({name}, '.', 2), '0')) > {scale})")
    return f"case when {' or '.join(strange)} then null else {value} end"


def _instant(name: str, pattern: str) -> str:
    """Local time in the contract's zone (the connection's TimeZone): ISO text may carry its own offset.

    A pattern may offer several, parted by `|`; the first that fits the whole text counts.
    """
    if pattern == "iso":  # four digits of a year first: `epoch`, `infinity` and the year 290000 are no times of ours
        return f"case when substr({name}, 5, 1) = '-' then cast(try_cast({name} as timestamptz) as timestamp) end"
    return f"try_strptime({name}, [{', '.join(_quoted(choice) for choice in pattern.split('|'))}])"


def _tests(column: Column) -> list[str]:
    name, typed = column.name, f"{column.name}__typed"
    tests = [f"when {name} is null then 'missing_value:{name}'"] if column.is_required else []
    if not (column.is_personal or column.logical_type in ("string", "array", "object")):
        tests.append(f"when {name} is not null and {typed} is null then 'bad_type:{name}'")
    if column.codes:
        tests.append(f"when {name} not in ({', '.join(map(_quoted, column.codes))}) then 'unknown_code:{name}'")
    tests += [
        f"when {typed} {sign} {limit} then 'out_of_range:{name}'"
        for sign, limit in (("<", column.minimum), (">", column.maximum))
        if limit is not None
    ]
    if column.days_from_file:
        earliest, latest = column.days_from_file
        tests.append(f"when cast({typed} as date) - file_date not between {earliest} and {latest}"
                     f" then 'out_of_period:{name}'")
    return tests


def lake_rows(contract: Contract, table: str, where: str) -> str:
    """The rows of a partition: tokens for personal values, UTC and local for each instant, lineage."""
    joins = " ".join(
        f"left join token_map t_{c.name} on t_{c.name}.domain = '{c.token_domain}' and t_{c.name}.value = i.{c.name}"
        for c in contract.personal
    )
    columns = ", ".join(expression for column in contract.columns for expression in _lake_expressions(column, contract))
    return (
        f"select {columns}, s.file_name as source_file, i.line_number from {table} i"
        f" join source_file s using (file_no) {joins} where {where}"
    )


def _lake_expressions(column: Column, contract: Contract) -> list[str]:
    name = column.name
    if column.is_personal:
        return [f"t_{name}.token as {name}"]
    if column.logical_type == "timestamp":
        utc = f"timezone('UTC', timezone({_quoted(contract.time_zone)}, i.{name}))"
        return [f"{utc} as {name}", f"i.{name} as {name}_local"]
    return [f"i.{name}"]


def reject_rows(contract: Contract, table: str, where: str) -> str:
    """Rejects with their raw text, personal values masked.

    Each personal value that is found in the text is replaced, and whatever looks like one: a row may be shifted, so
    that a number or name stands in another column. Where that cannot be done for sure (the row was not
    split into columns, a value is written otherwise than read, the file has columns nobody agreed on), only
    the shape is kept: 9 for a digit, x for a letter.
    """
    raw_text = "i.raw_text"
    if contract.personal:
        unsure = ["split_part(i.reason, ':', 2) = ''", "s.has_unread_columns"]
        for column in contract.personal:
            value = f"coalesce(i.{column.name}, '')"
            unsure.append(f"not contains(i.raw_text, {value})")
            raw_text = f"case when {value} = '' then {raw_text} else replace({raw_text}, {value}, '***') end"
        raw_text = f"regexp_replace({raw_text}, '{LIKE_A_NUMBER}', '***', 'g')"
        raw_text = f"regexp_replace({raw_text}, '[^\\x00-\\x7F]+', '***', 'g')"
        shape = "regexp_replace(regexp_replace(i.raw_text, '[0-9]', '9', 'g'), '\\p{L}', 'x', 'g')"
        raw_text = f"case when {' or '.join(unsure)} then {shape} else {raw_text} end"
    return (
        f"select split_part(i.reason, ':', 1) as reason_code, nullif(split_part(i.reason, ':', 2), '') as column_name,"
        f" s.file_name as source_file, i.line_number, {raw_text} as raw_text"
        f" from {table} i join source_file s using (file_no) where {where}"
    )


def _quoted(text: str) -> str:
    return "'" + str(text).replace("'", "''") + "'"
