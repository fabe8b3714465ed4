"""Broken files of lines: delimited and fixed-width text whose rows, characters or totals are wrong."""

from __future__ import annotations

import re

from tests.reliability.broken_files import Bench, Outcome, kind

VOICE, DATA, CUSTOMER, ORG = "billing__rated_voice", "billing__rated_data", "billing__customer", "crm__org"
CONTACT, STAFF = "call_center__contact", "crm__staff"
DAY, FIRST_DAY = "20260105", "20260101"


def lines_of(bench: Bench, name: str) -> list[bytes]:
    """The records of a file, without its trailer."""
    lines = bench.read(name).splitlines()
    return lines[:-1] if bench.contract.control == "trailer" else lines


def with_trailer(bench: Bench, lines: list[bytes], **wrong: int) -> bytes:
    """The lines with the trailer that fits them as a reader sees them; `wrong` is added to its figures."""
    contract = bench.contract
    mark, names = contract.delimiter.encode(), [column.name for column in contract.columns]
    sums = []
    for name in contract.control_sums:
        cells = [fields[names.index(name)] for line in lines if len(fields := line.split(mark)) == len(names)]
        readable = [int(cell) for cell in cells if re.fullmatch(rb"-?\d+", cell)]
        sums.append(sum(readable) + wrong.get(name, 0))
    figures = [contract.trailer_mark, len(lines) + wrong.get("rows", 0), *sums]
    return b"".join(line + b"\n" for line in [*lines, contract.delimiter.join(map(str, figures)).encode()])


def checked(bench: Bench, name: str, data: bytes, **wrong: int) -> None:
    """Writes a data file and the check file that fits it; `wrong` is added to size or rows."""
    bench.write(name, data)
    check = re.sub(r"_\d{3}\.dat$", ".verf", name)
    entries = []
    for line in bench.read(check).decode().splitlines():
        fields = line.split("|")
        if fields[0] == name:
            fields[3] = str(len(data) + wrong.get("size", 0))
            fields[4] = str(data.count(b"\n") + wrong.get("rows", 0))
        entries.append("|".join(fields) + "\n")
    bench.write(check, "".join(entries).encode())


def put(bench: Bench, name: str, lines: list[bytes]) -> None:
    """Writes lines with whatever control the feed has."""
    if bench.contract.control == "trailer":
        bench.write(name, with_trailer(bench, lines))
    elif bench.contract.control == "verf":
        checked(bench, name, b"".join(line + b"\n" for line in lines))
    else:
        bench.write(name, b"".join(line + b"\n" for line in lines))


def spoil(bench: Bench, column: str, text: bytes, reason: str, at: int = 2, named: bool = True) -> Outcome:
    """One field of one row (`at` counts from 1) gets another text."""
    name, mark = bench.largest(), bench.contract.delimiter.encode()
    lines = lines_of(bench, name)
    fields = lines[at - 1].split(mark)
    fields[[c.name for c in bench.contract.columns].index(column)] = text
    lines[at - 1] = mark.join(fields)
    put(bench, name, lines)
    return Outcome(rejects=[(reason, column if named else None, name, at)], lost=bench.keys(name, {at}))


def whole_file(bench: Bench, name: str, reason: str, state: str = "rejected") -> Outcome:
    return Outcome(files={name: (state, reason)}, lost=bench.keys(name))


@kind(VOICE, DAY)
def last_line_cut_in_the_middle(bench: Bench) -> Outcome:
    name = bench.largest()
    bench.write(name, bench.read(name)[:-30])
    return whole_file(bench, name, "control_missing")


@kind(VOICE, DAY)
def file_cut_after_a_whole_line(bench: Bench) -> Outcome:
    name = bench.largest()
    bench.write(name, b"".join(line + b"\n" for line in lines_of(bench, name)))
    return whole_file(bench, name, "control_missing")


@kind(STAFF, FIRST_DAY)
def last_line_cut_where_nothing_announces_the_rows(bench: Bench) -> Outcome:
    name = bench.largest()
    bench.write(name, bench.read(name)[:-25])
    last = len(lines_of(bench, name))
    return Outcome(rejects=[("wrong_column_count", None, name, last)], lost=bench.keys(name, {last}))


@kind(CUSTOMER, FIRST_DAY)
def half_of_a_character(bench: Bench) -> Outcome:
    """It takes the delimiter for its other half."""
    name = bench.largest()
    lines = lines_of(bench, name)
    fields = lines[4].split(b"|")
    fields[2] = fields[2][:-1]
    lines[4] = b"|".join(fields)
    put(bench, name, lines)
    return Outcome(rejects=[("wrong_column_count", None, name, 5)], lost=bench.keys(name, {5}))


@kind(CUSTOMER, FIRST_DAY)
def byte_that_is_no_character(bench: Bench) -> Outcome:
    return spoil(bench, "name_token", b"\xff", "undecodable_bytes", named=False)


@kind(CUSTOMER, FIRST_DAY)
def utf8_where_gb18030_was_agreed(bench: Bench) -> Outcome:
    name = bench.largest()
    checked(bench, name, bench.read(name).decode("gb18030").encode("utf-8"))
    return whole_file(bench, name, "wrong_encoding")


@kind(CUSTOMER, FIRST_DAY)
def utf8_byte_order_mark_where_gb18030_was_agreed(bench: Bench) -> Outcome:
    name = bench.largest()
    checked(bench, name, b"\xef\xbb\xbf" + bench.read(name))
    return whole_file(bench, name, "wrong_encoding")


@kind(CONTACT, DAY)
def gb18030_where_utf8_was_agreed(bench: Bench) -> Outcome:
    name = bench.largest()
    text = bench.read(name).decode("utf-8-sig")
    bench.write(name, text.encode("gb18030"))
    lines = text.split("\r\n")
    bad = [number for number, line in enumerate(lines, start=1) if not line.isascii()]
    return Outcome(rejects=[("undecodable_bytes", None, name, at) for at in bad], lost=bench.keys(name, bad))


@kind(CONTACT, DAY)
def utf16_where_utf8_was_agreed(bench: Bench) -> Outcome:
    name = bench.largest()
    bench.write(name, bench.read(name).decode("utf-8-sig").encode("utf-16"))
    return whole_file(bench, name, "bad_header")


@kind(VOICE, DAY)
def byte_order_mark_in_the_middle(bench: Bench) -> Outcome:
    """Two files were put together: the mark says nothing."""
    name = bench.largest()
    lines = lines_of(bench, name)
    data = with_trailer(bench, lines)
    bench.write(name, data.replace(lines[3], b"\xef\xbb\xbf" + lines[3]))
    return Outcome(files={name: ("accepted", "")})


@kind(VOICE, DAY)
def delimiter_in_a_text(bench: Bench) -> Outcome:
    return spoil(bench, "tariff_version", b"V1|A", "wrong_column_count", named=False)


@kind(CONTACT, DAY)
def quote_that_never_closes(bench: Bench) -> Outcome:
    name = bench.largest()
    lines = bench.read(name).rstrip(b"\r\n").split(b"\r\n")
    lines[1] = lines[1].rsplit(b",", 1)[0] + b',"said'
    bench.write(name, b"".join(line + b"\r\n" for line in lines))
    return Outcome(rejects=[("unclosed_quote", None, name, 2)], lost=bench.keys(name, {2}))


@kind(VOICE, DAY)
def line_ends_of_two_systems(bench: Bench) -> Outcome:
    name = bench.largest()
    lines = with_trailer(bench, lines_of(bench, name)).split(b"\n")
    bench.write(name, b"\n".join(line + b"\r" * (n % 2) for n, line in enumerate(lines[:-1])) + b"\n")
    return Outcome(files={name: ("accepted", "")})


@kind(VOICE, DAY)
def carriage_return_alone_as_line_end(bench: Bench) -> Outcome:
    name = bench.largest()
    bench.write(name, bench.read(name).replace(b"\n", b"\r"))
    return whole_file(bench, name, "control_missing")


@kind(VOICE, DAY)
def blank_lines_between_rows(bench: Bench) -> Outcome:
    name = bench.largest()
    bench.write(name, bench.read(name).replace(b"\n", b"\n\n"))
    return Outcome(files={name: ("accepted", "")})


@kind(VOICE, DAY)
def zero_bytes_from_a_crashed_disk(bench: Bench) -> Outcome:
    name = bench.largest()
    lines = lines_of(bench, name)
    lines[1] = b"\0" * len(lines[1])
    put(bench, name, lines)
    return Outcome(rejects=[("wrong_column_count", None, name, 2)], lost=bench.keys(name, {2}))


@kind(VOICE, DAY)
def extra_column_in_a_row(bench: Bench) -> Outcome:
    return spoil(bench, "free_unit_used", b"0|9", "wrong_column_count", named=False)


@kind(VOICE, DAY)
def column_missing_in_every_row(bench: Bench) -> Outcome:
    name = bench.largest()
    lines = [line.rsplit(b"|", 1)[0] for line in lines_of(bench, name)]
    put(bench, name, lines)
    return Outcome(rejects=[("wrong_column_count", None, name, at) for at in range(1, len(lines) + 1)],
                   lost=bench.keys(name))


@kind(CONTACT, DAY)
def column_missing_in_the_header(bench: Bench) -> Outcome:
    name = bench.largest()
    lines = bench.read(name).split(b"\r\n")
    bench.write(name, b"\r\n".join([lines[0].replace(b",wait_s", b",waiting"), *lines[1:]]))
    return whole_file(bench, name, "missing_column")


@kind(CONTACT, DAY)
def column_that_nobody_agreed_on(bench: Bench) -> Outcome:
    name = bench.largest()
    lines = bench.read(name).rstrip(b"\r\n").split(b"\r\n")
    bench.write(name, b"\r\n".join([lines[0] + b",mood", *(line + b",good" for line in lines[1:])]) + b"\r\n")
    return Outcome(files={name: ("accepted", "")})


@kind(CONTACT, DAY)
def columns_in_another_order(bench: Bench) -> Outcome:
    name = bench.largest()
    lines = bench.read(name).decode("utf-8-sig").rstrip("\r\n").split("\r\n")
    turned = [",".join(line.split(",")[::-1]) for line in lines]
    bench.write(name, ("\r\n".join(turned) + "\r\n").encode())
    return Outcome(files={name: ("accepted", "")})


@kind(CONTACT, DAY)
def header_twice(bench: Bench) -> Outcome:
    name = bench.largest()
    lines = bench.read(name).split(b"\r\n")
    bench.write(name, b"\r\n".join([lines[0], *lines]).replace(b"\xef\xbb\xbf", b""))
    return Outcome(rejects=[("bad_type", "offered_at", name, 2)])


@kind(DATA, DAY)
def bytes_where_kilobytes_were_agreed(bench: Bench) -> Outcome:
    """Rows and totals agree with each other, so only the mean of the day tells, and that closes the gate."""
    names = [column.name for column in bench.contract.columns]
    for name in bench.names():
        if name.endswith(".gz"):
            continue
        lines = [line.split(b"|") for line in lines_of(bench, name)]
        for fields in lines:
            for place in (names.index("up_bytes"), names.index("down_bytes")):
                fields[place] = str(int(fields[place]) * 1024).encode()
        put(bench, name, [b"|".join(fields) for fields in lines])
    return Outcome(changed=set(bench.good.rows), red=("mean_down_bytes",))


@kind(VOICE, DAY)
def negative_duration(bench: Bench) -> Outcome:
    return spoil(bench, "duration_s", b"-60", "out_of_range")


@kind(VOICE, DAY)
def duration_of_a_year(bench: Bench) -> Outcome:
    return spoil(bench, "duration_s", b"31536000", "out_of_range")


@kind(VOICE, DAY)
def number_with_a_fraction(bench: Bench) -> Outcome:
    return spoil(bench, "rated_fen", b"12.5", "bad_type")


@kind(VOICE, DAY)
def number_too_large_for_its_type(bench: Bench) -> Outcome:
    return spoil(bench, "free_unit_used", b"9" * 40, "bad_type")


@kind(VOICE, DAY)
def date_that_is_none(bench: Bench) -> Outcome:
    return spoil(bench, "started_at", b"20260230101500", "bad_type")


@kind(VOICE, DAY)
def record_of_the_future(bench: Bench) -> Outcome:
    return spoil(bench, "started_at", b"20270105101500", "out_of_period")


@kind(VOICE, DAY)
def record_a_month_old(bench: Bench) -> Outcome:
    name = bench.largest()
    lines = lines_of(bench, name)
    lines[1] = lines[1].replace(b"|20260105", b"|20251206")
    put(bench, name, lines)
    return Outcome(files={name: ("accepted", "")}, changed=bench.keys(name, {2}))


@kind(VOICE, DAY)
def record_of_another_decade(bench: Bench) -> Outcome:
    return spoil(bench, "started_at", b"19700101080000", "out_of_period")


@kind(VOICE, DAY)
def code_that_no_list_knows(bench: Bench) -> Outcome:
    return spoil(bench, "usage_type_code", b"VOICE_MARS", "unknown_code")


@kind(VOICE, DAY)
def customer_that_nobody_knows(bench: Bench) -> Outcome:
    """Loaded: the register may come later, and until then the row belongs to the unknown member."""
    name = bench.largest()
    lines = lines_of(bench, name)
    lines[1] = b"|".join([lines[1].split(b"|")[0], b"69999999999", *lines[1].split(b"|")[2:]])
    put(bench, name, lines)
    return Outcome(files={name: ("accepted", "")}, changed=bench.keys(name, {2}))


@kind(VOICE, DAY)
def required_value_missing(bench: Bench) -> Outcome:
    return spoil(bench, "subscription_id", b"", "missing_value")


@kind(VOICE, DAY)
def same_record_twice_in_a_file(bench: Bench) -> Outcome:
    name = bench.largest()
    lines = lines_of(bench, name)
    put(bench, name, [*lines, lines[0]])
    return Outcome(files={name: ("accepted", "")}, duplicates=1)


@kind(VOICE, DAY)
def same_record_in_two_files(bench: Bench) -> Outcome:
    first, last = bench.names()[0], bench.names()[-1]
    taken = lines_of(bench, bench.largest())[0]
    for name in (first, last):
        put(bench, name, [*lines_of(bench, name), taken])
    return Outcome(duplicates=2)


@kind(ORG, FIRST_DAY)
def fixed_width_record_of_another_length(bench: Bench) -> Outcome:
    name = bench.largest()
    lines = lines_of(bench, name)
    lines[2] += b" "
    put(bench, name, lines)
    return Outcome(rejects=[("wrong_record_length", None, name, 3)], lost=bench.keys(name, {3}))


@kind(ORG, FIRST_DAY)
def fixed_width_field_that_cuts_a_character(bench: Bench) -> Outcome:
    name = bench.largest()
    lines = lines_of(bench, name)
    end = bench.contract.columns[0].width + bench.contract.columns[1].width
    lines[2] = lines[2][: end - 1] + b"\xd6" + lines[2][end:]
    put(bench, name, lines)
    return Outcome(rejects=[("undecodable_bytes", None, name, 3)], lost=bench.keys(name, {3}))


@kind(VOICE, DAY)
def trailer_counts_one_row_too_many(bench: Bench) -> Outcome:
    name = bench.largest()
    bench.write(name, with_trailer(bench, lines_of(bench, name), rows=1))
    return whole_file(bench, name, "control_count")


@kind(VOICE, DAY)
def trailer_sum_is_off_by_one_fen(bench: Bench) -> Outcome:
    name = bench.largest()
    bench.write(name, with_trailer(bench, lines_of(bench, name), rated_fen=-1))
    return whole_file(bench, name, "control_sum")


def _with_figures(bench: Bench, *figures: str) -> str:
    name = bench.largest()
    last = "|".join(["TRAILER", *figures]).encode()
    bench.write(name, b"".join(line + b"\n" for line in [*lines_of(bench, name), last]))
    return name


@kind(VOICE, DAY)
def trailer_whose_figures_are_no_numbers(bench: Bench) -> Outcome:
    return whole_file(bench, _with_figures(bench, "NaN", "0", "0"), "bad_trailer")


@kind(VOICE, DAY)
def trailer_with_a_number_without_end(bench: Bench) -> Outcome:
    return whole_file(bench, _with_figures(bench, "Infinity", "sNaN", "0"), "bad_trailer")


@kind(VOICE, DAY)
def trailer_in_the_middle(bench: Bench) -> Outcome:
    """Two files were put together: the second trailer does not count the rows of both."""
    name = bench.largest()
    half = len(lines_of(bench, name)) // 2
    lines = lines_of(bench, name)
    bench.write(name, with_trailer(bench, lines[:half]) + with_trailer(bench, lines[half:]))
    return whole_file(bench, name, "control_count")
