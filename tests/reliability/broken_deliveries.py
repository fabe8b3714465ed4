"""Broken deliveries: control files, versions, copies, names, and things in the folder that are no plain files."""

from __future__ import annotations

import json
import os
import re
import socket
import time
from collections.abc import Callable

from tests.reliability.broken_files import Bench, Outcome, kind
from tests.reliability.broken_rows import (
    CUSTOMER,
    DAY,
    FIRST_DAY,
    VOICE,
    checked,
    lines_of,
    put,
    whole_file,
    with_trailer,
)

BILL, LIST = "billing__bill", "crm__segment_list"
MONTH, LIST_DAY = "202601", "20260103"
CANNOT_READ = "control file cannot be read"


def check_file(bench: Bench) -> str:
    return next(path.name for path in bench.folder.iterdir() if bench.contract.control_pattern.match(path.name))


def waits(bench: Bench, name: str) -> Outcome:
    return Outcome(files={name: ("waiting", "no check file names this file")}, lost=bench.keys(name))


@kind(CUSTOMER, FIRST_DAY)
def check_file_counts_one_row_too_few(bench: Bench) -> Outcome:
    name = bench.largest()
    checked(bench, name, bench.read(name), rows=-1)
    return whole_file(bench, name, "control_count")


@kind(CUSTOMER, FIRST_DAY)
def check_file_size_is_off_by_one_byte(bench: Bench) -> Outcome:
    name = bench.largest()
    checked(bench, name, bench.read(name), size=1)
    return whole_file(bench, name, "control_size")


def _check_fields(bench: Bench, change: dict[int, str]) -> None:
    name = check_file(bench)
    fields = bench.read(name).decode().rstrip("\n").split("|")
    for place, text in change.items():
        fields[place] = text
    bench.write(name, ("|".join(fields) + "\n").encode())


@kind(BILL, MONTH)
def check_file_sum_is_off_by_one_fen(bench: Bench) -> Outcome:
    total = int(bench.read(check_file(bench)).decode().rstrip().split("|")[10])
    _check_fields(bench, {10: str(total + 1)})
    return whole_file(bench, bench.largest(), "control_sum: net_fen")


@kind(BILL, MONTH)
def check_file_sum_is_no_number(bench: Bench) -> Outcome:
    _check_fields(bench, {9: "12x"})
    outcome = waits(bench, bench.largest())
    outcome.files[check_file(bench)] = ("quarantined", CANNOT_READ)
    return outcome


@kind(BILL, MONTH)
def check_file_cut_in_the_middle(bench: Bench) -> Outcome:
    bench.write(check_file(bench), bench.read(check_file(bench))[:50])
    outcome = waits(bench, bench.largest())
    outcome.files[check_file(bench)] = ("quarantined", CANNOT_READ)
    return outcome


@kind(BILL, MONTH)
def check_file_as_large_as_a_disk(bench: Bench) -> Outcome:
    with open(bench.folder / check_file(bench), "r+b") as handle:
        handle.truncate(64 << 20)
    outcome = waits(bench, bench.largest())
    outcome.files[check_file(bench)] = ("quarantined", f"{CANNOT_READ}: more than")
    return outcome


@kind(CUSTOMER, FIRST_DAY)
def check_file_missing(bench: Bench) -> Outcome:
    bench.remove(check_file(bench))
    return waits(bench, bench.largest())


@kind(CUSTOMER, FIRST_DAY)
def data_file_missing_beside_its_check_file(bench: Bench) -> Outcome:
    name = bench.largest()
    bench.remove(name)
    return Outcome(files={name: ("missing", "announced by")}, lost=bench.keys(name))


@kind(CUSTOMER, FIRST_DAY)
def empty_file_with_check_file(bench: Bench) -> Outcome:
    name = bench.largest()
    checked(bench, name, b"")
    return whole_file(bench, name, "", "accepted")


@kind(CUSTOMER, FIRST_DAY)
def empty_file_without_check_file(bench: Bench) -> Outcome:
    name = bench.largest()
    bench.write(name, b"")
    bench.remove(check_file(bench))
    return waits(bench, name)


@kind(VOICE, DAY)
def empty_file_without_trailer(bench: Bench) -> Outcome:
    name = bench.largest()
    bench.write(name, b"")
    return whole_file(bench, name, "control_missing")


@kind(VOICE, DAY)
def file_of_a_trailer_only(bench: Bench) -> Outcome:
    name = bench.largest()
    put(bench, name, [])
    return whole_file(bench, name, "", "accepted")


def _manifest(bench: Bench, **change: object) -> None:
    name = check_file(bench)
    document = json.loads(bench.read(name))
    document["files"][0] |= change
    bench.write(name, json.dumps(document).encode())


@kind(LIST, LIST_DAY)
def manifest_with_another_hash(bench: Bench) -> Outcome:
    _manifest(bench, sha256="0" * 64)
    return whole_file(bench, bench.largest(), "control_hash")


@kind(LIST, LIST_DAY)
def manifest_counts_another_number_of_rows(bench: Bench) -> Outcome:
    _manifest(bench, records=12)
    return whole_file(bench, bench.largest(), "control_count")


def _unreadable_manifest(bench: Bench, data: bytes) -> Outcome:
    bench.write(check_file(bench), data)
    outcome = waits(bench, bench.largest())
    outcome.files[check_file(bench)] = ("quarantined", CANNOT_READ)
    return outcome


@kind(LIST, LIST_DAY)
def manifest_cut_in_half(bench: Bench) -> Outcome:
    return _unreadable_manifest(bench, bench.read(check_file(bench))[:90])


@kind(LIST, LIST_DAY)
def manifest_nested_without_end(bench: Bench) -> Outcome:
    return _unreadable_manifest(bench, b'{"files":' + b"[" * 200_000 + b"]" * 200_000 + b"}")


@kind(LIST, LIST_DAY)
def manifest_whose_sums_are_a_list(bench: Bench) -> Outcome:
    name = check_file(bench)
    return _unreadable_manifest(bench, bench.read(name).replace(b'"sums": {}', b'"sums": [1]'))


@kind(LIST, LIST_DAY)
def manifest_with_a_number_beyond_all_numbers(bench: Bench) -> Outcome:
    name = check_file(bench)
    return _unreadable_manifest(bench, re.sub(rb'"records": \d+', b'"records": 1e999', bench.read(name)))


@kind(LIST, LIST_DAY)
def manifest_that_names_a_path_outside(bench: Bench) -> Outcome:
    name = bench.largest()
    _manifest(bench, name=f"../../{name}")
    outcome = waits(bench, name)
    outcome.missing = (f"../../{name}",)
    return outcome


@kind(VOICE, DAY)
def same_bytes_under_another_name(bench: Bench) -> Outcome:
    name = bench.names()[-2]
    copy = re.sub(r"_(\d{6})_v1", lambda found: f"_{int(found[1]) + 2:06d}_v1", name)
    bench.write(copy, bench.read(name))
    return Outcome(files={copy: ("duplicate", f"same bytes as {name}")})


@kind(VOICE, DAY)
def same_name_and_bytes_in_another_folder(bench: Bench) -> Outcome:
    name = bench.largest()
    (bench.folder / "again").mkdir()
    bench.write(f"again/{name}", bench.read(name))
    return Outcome(files={f"again/{name}": ("duplicate", "same bytes as"), name: ("accepted", "")})


@kind(VOICE, DAY)
def same_name_with_other_rows_in_another_folder(bench: Bench) -> Outcome:
    """Which of the two is meant nobody can know: the one nearest to the top counts, the other is refused."""
    name = bench.largest()
    (bench.folder / "mended").mkdir()
    bench.write(f"mended/{name}", with_trailer(bench, lines_of(bench, name)[:-1]))
    return Outcome(files={f"mended/{name}": ("rejected", "same name as"), name: ("accepted", "")})


@kind(VOICE, DAY)
def second_version_with_fewer_rows(bench: Bench) -> Outcome:
    name = bench.largest()
    again = name.replace("_v1", "_v2")
    lines = lines_of(bench, name)
    bench.write(again, with_trailer(bench, lines[:-1]))
    return Outcome(files={name: ("superseded", "version 2"), again: ("accepted", "")},
                   lost=bench.keys(name, {len(lines)}))


@kind(VOICE, DAY)
def second_version_before_the_first(bench: Bench) -> Outcome:
    name = bench.largest()
    again, first, lines = name.replace("_v1", "_v2"), bench.read(name), lines_of(bench, name)
    bench.write(again, with_trailer(bench, lines[:-1]))
    bench.remove(name)
    bench.run()
    bench.write(name, first)
    return Outcome(files={name: ("superseded", "version 2"), again: ("accepted", "")},
                   lost=bench.keys(name, {len(lines)}))


@kind(VOICE, DAY)
def second_version_that_is_broken(bench: Bench) -> Outcome:
    name = bench.largest()
    again = name.replace("_v1", "_v2")
    bench.write(again, with_trailer(bench, lines_of(bench, name)[:-1], rows=7))
    return Outcome(files={name: ("accepted", ""), again: ("rejected", "control_count")})


@kind(VOICE, DAY)
def version_number_of_a_hundred_digits(bench: Bench) -> Outcome:
    name = bench.largest().replace("_v1", f"_v{'9' * 100}")
    bench.write(name, bench.read(bench.largest()))
    return Outcome(files={name: ("quarantined", "the version in the name is no number")})


@kind(VOICE, DAY)
def missing_sequence_number(bench: Bench) -> Outcome:
    name = bench.names()[5]
    bench.remove(name)
    return Outcome(lost=bench.keys(name), missing=("rated_voice 10000",))


@kind(VOICE, DAY)
def sequence_number_that_jumps(bench: Bench) -> Outcome:
    """One line of the board, not a million."""
    last = bench.names()[-1]
    name = re.sub(r"_\d{6}_v1", "_999999_v1", last)
    bench.write(name, bench.read(last))
    bench.remove(last)
    return Outcome(files={name: ("accepted", "")}, missing=("rated_voice 10000",))


@kind(CUSTOMER, FIRST_DAY)
def period_of_another_century(bench: Bench) -> Outcome:
    """Loaded as what it says it is; that all days since are missing is one line of the board."""
    assert bench.contract.frequency == "day"
    name, check = bench.largest(), check_file(bench)
    old, old_check = (text.replace(FIRST_DAY, "19900101") for text in (name, check))
    bench.write(old_check, bench.read(check).replace(name.encode(), old.encode()))
    checked(bench, old, b"")
    return Outcome(files={old: ("accepted", ""), old_check: ("control", "")},
                   missing=("customer 10000 19900102 to 20251231",))


@kind(VOICE, DAY)
def period_that_is_no_date(bench: Bench) -> Outcome:
    name = bench.largest()
    wrong = name.replace(f"_{DAY}", "_20261305")
    os.rename(bench.folder / name, bench.folder / wrong)
    return Outcome(files={wrong: ("quarantined", "the period in the name is no date")}, lost=bench.keys(name),
                   missing=("rated_voice 10000",))


@kind(VOICE, DAY)
def period_of_the_future(bench: Bench) -> Outcome:
    name = bench.largest()
    wrong = name.replace(f"_{DAY}", "_20991231")
    os.rename(bench.folder / name, bench.folder / wrong)
    return Outcome(files={wrong: ("quarantined", "the period in the name has not begun")}, lost=bench.keys(name),
                   missing=("rated_voice 10000",))


@kind(VOICE, DAY)
def name_that_no_contract_knows(bench: Bench) -> Outcome:
    bench.write("vc_copy(1).cdr", bench.read(bench.largest()))
    return Outcome(files={"vc_copy(1).cdr": ("quarantined", "no contract")})


@kind(VOICE, DAY)
def names_that_look_like_paths(bench: Bench) -> Outcome:
    names = ["x\\..\\..\\secret", "%2e%2e%2fsecret", "~root", "-rf", "C:secret", "…"]
    for name in names:
        bench.write(name, b"x")
    return Outcome(files=dict.fromkeys(names, ("quarantined", "no contract")))


@kind(VOICE, DAY)
def name_with_a_line_end(bench: Bench) -> Outcome:
    name = bench.largest() + "\n"
    bench.write(name, bench.read(bench.largest()))
    return Outcome(files={name.replace("\n", "\\n"): ("quarantined", "the name holds characters")})


@kind(VOICE, DAY)
def name_that_would_move_the_cursor(bench: Bench) -> Outcome:
    bench.write("\x1b[2Jvc.cdr", b"x")
    return Outcome(files={"\\x1b[2Jvc.cdr": ("quarantined", "the name holds characters")})


@kind(VOICE, DAY)
def name_that_is_not_utf8(bench: Bench) -> Outcome:
    with open(os.fsencode(bench.folder) + "/话单.cdr".encode("gb18030"), "wb") as handle:
        handle.write(b"x")
    found = next(path.name for path in bench.folder.iterdir() if not path.name.isascii())
    return Outcome(files={found.encode("ascii", "backslashreplace").decode(): ("quarantined", "the name holds")})


@kind(VOICE, DAY)
def name_of_255_bytes(bench: Bench) -> Outcome:
    name = "v" * 251 + ".cdr"
    bench.write(name, b"x")
    return Outcome(files={name: ("quarantined", "no contract")})


@kind(VOICE, DAY)
def files_that_are_still_being_sent(bench: Bench) -> Outcome:
    for name in (f".{bench.largest()}", f"{bench.largest()}.tmp", f"{bench.largest()}.filepart"):
        bench.write(name, b"half")
    return Outcome()


@kind(VOICE, DAY)
def file_written_a_moment_ago(bench: Bench) -> Outcome:
    name = bench.largest()
    bench.agree(stable_seconds=3600.0)
    os.utime(bench.folder / name)
    return whole_file(bench, name, "still being written", "waiting")


@kind(VOICE, DAY)
def file_with_a_time_of_the_future(bench: Bench) -> Outcome:
    name = bench.largest()
    os.utime(bench.folder / name, (time.time() + 9e6, time.time() + 9e6))
    return Outcome()  # the sender's clock says nothing of the bytes


@kind(VOICE, DAY)
def file_that_grows_while_it_is_read(bench: Bench) -> Outcome:
    name = bench.largest()
    whole = bench.read(name)
    bench.write(name, with_trailer(bench, lines_of(bench, name)[:3]))
    bench.between = lambda: bench.write(name, whole)
    outcome = whole_file(bench, name, "changed while it was read")
    outcome.heals = True
    return outcome


@kind(VOICE, DAY)
def file_that_vanishes_before_it_is_read(bench: Bench) -> Outcome:
    name = bench.largest()
    bench.between = lambda: bench.remove(name)
    return whole_file(bench, name, "unreadable: No such file")


@kind(VOICE, DAY)
def symlink_out_of_the_folder(bench: Bench) -> Outcome:
    name = bench.largest()
    outside = bench.home.root / "outside"
    os.rename(bench.folder / name, outside)
    os.symlink(outside, bench.folder / name)
    return Outcome(files={name: ("quarantined", "symlink")}, lost=bench.keys(name), missing=("rated_voice 10000",))


@kind(VOICE, DAY)
def symlinks_to_folders_to_nothing_and_in_circles(bench: Bench) -> Outcome:
    links = {"etc": "/etc", "nothing": "/nowhere/at/all", "circle": "circle", "up": ".."}
    for name, target in links.items():
        os.symlink(target, bench.folder / name)
    return Outcome(files=dict.fromkeys(links, ("quarantined", "symlink")))


def _special(bench: Bench, make: Callable) -> Outcome:
    name = bench.largest()
    bench.remove(name)
    make(bench.folder / name)
    return Outcome(files={name: ("quarantined", "no plain file")}, lost=bench.keys(name),
                   missing=("rated_voice 10000",))


@kind(VOICE, DAY)
def named_pipe(bench: Bench) -> Outcome:
    return _special(bench, os.mkfifo)


@kind(VOICE, DAY)
def socket_in_the_folder(bench: Bench) -> Outcome:
    def bind(path: object) -> None:
        before = os.getcwd()
        os.chdir(bench.folder)  # the path of a socket must be short
        socket.socket(socket.AF_UNIX).bind(path.name)
        os.chdir(before)

    return _special(bench, bind)


@kind(VOICE, DAY)
def folder_with_the_name_of_a_file(bench: Bench) -> Outcome:
    name = bench.largest()
    bench.remove(name)
    (bench.folder / name).mkdir()
    return Outcome(lost=bench.keys(name), missing=("rated_voice 10000",))
