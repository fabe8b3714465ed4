"""What a column of a sample is: name, type, unit, codes, personal or not, from its header and its values.

Values are judged in DuckDB with the same words and patterns that ingest uses later. Knows no file and
writes no YAML.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import duckdb

from orchestration.contract_sniff import Layout
from orchestration.typing_sql import FALSE_WORDS, TRUE_WORDS

FAMILIES = ("billing", "network", "call_center", "crm")
# shape -> pattern; years of two digits go first, for `%Y` would read them as years of the first century
DATES = {r"\d{4}-\d{1,2}-\d{1,2}": "%Y-%m-%d", r"\d{4}/\d{1,2}/\d{1,2}": "%Y/%m/%d"} | {
    rf"\d{{1,2}}{mark}{month}{mark}{digits}": f"%d{mark.strip(chr(92))}{name}{mark.strip(chr(92))}{year}"
    for digits, year in ((r"\d\d", "%y"), (r"\d{4}", "%Y"))
    for month, name in ((r"\d{1,2}", "%m"), ("[A-Za-z]{3}", "%b")) for mark in ("/", "-", r"\.")}
TIMESTAMPS = {r"\d{14}": "%Y%m%d%H%M%S", r"\d{12}": "%Y%m%d%H%M"} | {
    f"{shape} {clock}": f"{pattern} {text}" for shape, pattern in DATES.items()
    for clock, text in ((r"\d{1,2}:\d\d:\d\d", "%H:%M:%S"), (r"\d{1,2}:\d\d", "%H:%M"))}
TIMES = {"date": {r"\d{8}": "%Y%m%d"} | DATES, "timestamp": TIMESTAMPS}
ISO = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?"
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
PERSONAL_VALUES = {  # of mainland China or international; most values of a column must look so
    "id_number": r"[1-9]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])\d{5}[\dXx]", "bank_account": r"62\d{14,17}",
    "msisdn": r"(\+?86)?1[3-9]\d{9}|\+\d{8,15}", "email": r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}",
    "name": rf"[{SURNAMES}][\x{{4e00}}-\x{{9fff}}]{{1,2}}"}
PERSONAL_HEADERS = {
    "id_number": r"id_?card|identity|passport|身份证|证件号",
    "email": r"e_?mail|邮箱|电子邮件",
    "msisdn": r"phone|mobile|msisdn|caller|callee|calling|called|telephone|手机|电话|号码|主叫|被叫",
    "device": r"imsi|imei|iccid", "bank_account": r"bank_?(acct|account|card)|iban|银行账号|卡号",
    "name": r"(customer|subscriber|contact|person|staff|agent|user|first|last|full|family|given|account|party)_name"
            r"|^name$|姓名|联系人|户名|客户名称",
    "address": r"address|street|地址|住址",
    "free_text": r"remark|comment|备注",
}
NUMERIC_DOMAINS = ("msisdn", "id_number", "device", "bank_account")
PERSONAL_LISTS = r"party|contact|note|person|customer|address|phone|mail|account"
ID_HEADER = r"(^|_)(id|no|nr|number|code|key|zip|postcode|index)$|编号|流水号|工号|代码|编码"
UNITS = {"fen": (r"(^|_)fen$|\(分\)|（分）", "fen", "_fen"), "s": (r"(^|_)(s|sec|secs|seconds?)$|秒", "s", "_s"),
         "byte": (r"bytes?$|字节", "byte", "_bytes"),
         "money": (r"charge|amount|amt|fee|revenue|refund|price|payment|cost|金额|费", "yuan", "_amt")}
CHINESE_WORDS = {
    "客户": "customer", "用户": "subscriber", "账户": "account", "账单": "bill", "号码": "number", "手机": "mobile",
    "电话": "phone", "姓名": "name", "名称": "name", "编号": "id", "流水号": "serial_id", "日期": "date",
    "时间": "time", "开始": "start", "结束": "end", "时长": "duration", "金额": "amount", "费用": "fee",
    "状态": "status", "类型": "type", "地址": "address", "邮箱": "email", "身份证": "id_card", "证件": "certificate",
    "地市": "city", "区域": "area", "渠道": "channel", "套餐": "offer", "流量": "data", "小区": "cell",
    "备注": "remark", "联系人": "contact"}
MEASUREMENT = {"value": ("string", None), "value_number": ("number", "decimal(18,3)")}  # whatever the sample holds
MEASUREMENT_KEY = ("measured_object", "counter", "begin_time")


@dataclass
class Guess:
    """One column of the sample: `column` in the table `sample`, `source` in the file, `name` in the lake."""

    column: str
    source: str
    name: str = ""
    business_name: str = ""
    logical_type: str = "string"
    physical_type: str | None = None
    is_required: bool = False
    is_key: bool = False
    token_domain: str | None = None
    unit: str | None = None
    width: int | None = None
    distinct: int = 0
    pattern: str | None = None  # of a date or a timestamp
    has_thousands: bool = False
    codes: list[str] = field(default_factory=list)

    @property
    def looks_like_id(self) -> bool:
        return bool(re.search(ID_HEADER, snake_case(self.source)))


def guess_columns(connection: duckdb.DuckDBPyConnection, layout: Layout) -> tuple[list[Guess], dict[str, Any]]:
    """A guess per column, and the contract's options that follow from all of them."""
    guesses = [Guess(f"c{place}", source, width=layout.widths[place] if layout.widths else None)
               for place, source in enumerate(layout.sources)]
    for guess in guesses:
        _judge(connection, guess)
        if layout.format == "pm_xml":
            guess.codes, guess.is_key = [], guess.source in MEASUREMENT_KEY
            guess.logical_type, guess.physical_type = MEASUREMENT.get(
                guess.source, (guess.logical_type, guess.physical_type))
    options = {"timestampFormat": _agree(guesses, "timestamp"), "dateFormat": _agree(guesses, "date"),
               "thousandsSeparator": "," if any(guess.has_thousands for guess in guesses) else None}
    taken: set[str] = set()
    for place, guess in enumerate(guesses, 1):
        guess.name = _unique(guess.name or _name(guess, place), taken)
        guess.business_name = guess.source if re.search(r"[\u3400-\u9fff]", guess.source) else f"待确认 {guess.source}"
    return guesses, {name: value for name, value in options.items() if value}


def _judge(connection: duckdb.DuckDBPyConnection, guess: Guess) -> None:
    facts = _facts(connection, guess.column)
    guess.distinct, filled = facts["distinct"], facts["filled"]
    guess.is_required = filled == facts["rows"]
    if not filled:
        return
    header = snake_case(guess.source)
    if domain := _personal(header, facts):
        guess.token_domain = domain
    elif facts["json"] == filled:
        is_personal = re.search(PERSONAL_LISTS, header)
        guess.token_domain = "free_text" if is_personal else None
        guess.logical_type, guess.physical_type = ("string", None) if is_personal else ("array", "json")
    elif not (_is_boolean(guess, header, facts) or _is_time(connection, guess, facts) or _is_number(guess, facts)):
        few = facts["distinct"] <= 12 and filled >= 10 * facts["distinct"] and facts["longest"] <= 40
        guess.codes = facts["first"] if few else []


def _facts(connection: duckdb.DuckDBPyConnection, column: str) -> dict[str, Any]:
    """Counts of the values by shape; leaves the temp table `value` of the distinct values behind."""
    connection.execute(f"""
        create or replace temp table value as
        select trim({column}) as v, count(*) as n from sample
        where trim({column}) not in ('', 'null', 'NULL') group by all""")
    found = connection.execute("""
        select (select count(*) from sample), coalesce(sum(n), 0), count(*),
            coalesce(max(length(split_part(v, '.', 2))), 0), coalesce(max(length(split_part(v, '.', 1))), 0),
            coalesce(max(length(v)), 0), coalesce(min(length(v)), 0), list(v order by v)[:13]
        from value""").fetchone()
    names = ("rows", "filled", "distinct", "scale", "whole", "longest", "shortest", "first")
    return dict(zip(names, found, strict=True)) | _count(connection, {
        "integers": r"[+-]?(0|[1-9]\d{0,17})", "thousands": r"[+-]?[1-9]\d{0,2}(,\d{3})+", "bits": "[01]",
        "decimals": r"[+-]?\d{1,20}\.\d{1,9}", "json": r"\[.*\]|\{.*\}", "iso": ISO, "times": r"\d[\w/.: -]{3,}",
        "booleans": f"(?i){'|'.join((*TRUE_WORDS, *FALSE_WORDS))}", **PERSONAL_VALUES})


def _count(connection: duckdb.DuckDBPyConnection, shapes: dict[str, str]) -> dict[str, int]:
    """How many values have which shape, judged once per distinct value."""
    counts = ", ".join(f"coalesce(sum(n) filter (regexp_full_match(v, {_text(shape)}, 's')), 0)"
                       for shape in shapes.values())
    return dict(zip(shapes, connection.execute(f"select {counts} from value").fetchone(), strict=True))


def _personal(header: str, facts: dict[str, int]) -> str | None:
    filled = facts["filled"]
    for domain in PERSONAL_VALUES:
        if facts[domain] >= 0.6 * filled:
            return domain
    is_few = facts["distinct"] <= 12 and filled > 12
    is_digits = facts["integers"] == filled
    for domain, words in PERSONAL_HEADERS.items():
        looks_right = not is_digits or (domain in NUMERIC_DOMAINS and facts["longest"] >= 7)
        if re.search(words, header) and looks_right and not is_few and facts["decimals"] == 0:
            return domain
    return None


def _is_boolean(guess: Guess, header: str, facts: dict[str, int]) -> bool:
    is_flag = re.search(r"^(is|has)_|flag$|标志", header) is not None
    if facts["booleans"] == facts["filled"] and facts["distinct"] <= 2 and (facts["bits"] == 0 or is_flag):
        guess.logical_type = guess.physical_type = "boolean"
    return guess.logical_type == "boolean"


def _is_time(connection: duckdb.DuckDBPyConnection, guess: Guess, facts: dict[str, Any]) -> bool:
    """One pattern for all values, or several that share the values among them."""
    if facts["iso"] == facts["filled"] and _all(connection, "try_cast(v as timestamptz) is not null"):
        guess.logical_type, guess.physical_type, guess.pattern = "timestamp", "timestamp", "iso"
        return True
    for kind, shapes in TIMES.items() if facts["times"] == facts["filled"] else ():
        counts = _count(connection, dict(zip(shapes, shapes, strict=True)))
        used = [pattern for shape, pattern in shapes.items() if counts[shape]]
        for patterns in (used, [pattern.replace("%d/%m", "%m/%d") for pattern in used]):
            tried = f"try_strptime(v, [{', '.join(map(_text, patterns))}])"
            if used and _all(connection, f"year({tried}) between 1900 and 2100"):
                guess.logical_type = guess.physical_type = kind
                guess.pattern = "|".join(patterns)
                return True
    return False


def _all(connection: duckdb.DuckDBPyConnection, test: str) -> bool:
    return connection.execute(f"select bool_and(coalesce({test}, false)) from value").fetchone()[0] is True


def _is_number(guess: Guess, facts: dict[str, int]) -> bool:
    filled, header = facts["filled"], snake_case(guess.source)
    if facts["integers"] + facts["thousands"] == filled:
        is_of_one_length = facts["longest"] == facts["shortest"] > 4  # a number that is counted with has any length
        if facts["thousands"] == 0 and (re.search(ID_HEADER, header) or is_of_one_length):
            return False
        guess.logical_type, guess.physical_type = "integer", "bigint"
        guess.has_thousands = facts["thousands"] > 0
    elif facts["integers"] + facts["decimals"] == filled:
        wide = facts["whole"] + facts["scale"] > 18
        guess.logical_type = "number"
        guess.physical_type = f"decimal({38 if wide else 18},{max(2, facts['scale'])})"
    return guess.logical_type != "string"


def _agree(guesses: list[Guess], kind: str) -> str | None:
    """A contract has one format for all its dates. A column whose format cannot stand beside the others is text."""
    mine = [guess for guess in guesses if guess.logical_type == kind]
    wanted = {choice for guess in mine for choice in (guess.pattern or "").split("|")}
    swapped = [any(order in choice for choice in wanted) for order in ("%m/%d", "%d/%m")]
    if ("iso" in wanted and len(wanted) > 1) or all(swapped):
        first = mine[0].pattern
        for guess in mine:
            if guess.pattern != first:
                guess.logical_type, guess.physical_type = "string", None
        return first
    return "|".join(dict.fromkeys(c for guess in mine for c in (guess.pattern or "").split("|"))) or None


def _name(guess: Guess, place: int) -> str:
    name = snake_case(guess.source) or f"column_{place}"
    if guess.token_domain:
        return f"{name}_token"
    if guess.logical_type in ("date", "timestamp"):
        suffix = "_on" if guess.logical_type == "date" else "_at"
        return re.sub(r"_(date|day|time|datetime|timestamp|at|on)$", "", name) + suffix
    if guess.logical_type in ("integer", "number"):
        for words, unit, suffix in UNITS.values():
            if re.search(words, name) or re.search(words, guess.source):
                is_money = suffix == "_amt"
                if is_money and guess.logical_type == "integer":
                    continue
                guess.unit = unit
                stem = name if is_money else re.sub(r"_?(fen|s|sec|secs|seconds?|bytes?)$", "", name) or name
                return stem if stem.endswith(suffix) else stem + suffix
        return name
    if guess.codes and not name.endswith(("_code", "_id", "_name")):
        return f"{name}_code"
    return f"{name}_text" if re.search(r"_(fen|s|bytes|token)$", name) else name


def _unique(name: str, taken: set[str]) -> str:
    wanted, number = name, 2
    while name in taken:
        stem, suffix = re.fullmatch(r"(.*?)(_at|_on|_token|_fen|_s|_bytes|_amt|_code|)", wanted).groups()
        name, number = f"{stem}_{number}{suffix}", number + 1
    taken.add(name)
    return name


def snake_case(text: str) -> str:
    """A header as a name: `Customer ID`, `customerId`, `客户编号` become customer_id."""
    for word in sorted(CHINESE_WORDS, key=len, reverse=True):
        text = text.replace(word, f" {CHINESE_WORDS[word]} ")
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text)
    text = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_").lower()
    return f"column_{text}" if text[:1].isdigit() else text


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
