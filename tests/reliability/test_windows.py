"""Days in several runs and in a hostile order, each run building only its window: in the end every table holds
what a build from nothing over the same files holds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orchestration import contracts, publish, steps, transform
from orchestration.settings import Home
from tests.reliability import homes

pytestmark = pytest.mark.slow
Lines = list[bytes]


class Site:
    """A copy of the finished home whose operator sends again, late and twice."""

    def __init__(self, home: Home) -> None:
        self.home, self.folder, self.clock = home, home.landing / "billing", 1_800_000_000
        self.known = contracts.load_all(home.contracts)

    def write(self, name: str, data: bytes) -> None:
        self.clock += 1
        (self.folder / name).write_bytes(data)
        os.utime(self.folder / name, (self.clock, self.clock))

    def lines(self, name: str) -> Lines:
        return (self.folder / name).read_bytes().splitlines(keepends=True)

    def records(self, name: str, lines: Lines, *, broken: bool = False) -> None:
        """Voice (14 fields) or data records with a true trailer: count, seconds or bytes, fen."""
        rows = [line.split(b"|") for line in lines]
        voice = name.startswith("vc_")
        sums = [8, 12] if voice else [6, 7, 13]
        totals = [sum(int(row[place]) for row in rows) for place in sums]
        trailer = [b"TRAILER", *(b"%d" % n for n in (len(rows) + broken, *totals))]
        self.write(name, b"".join([*lines, b"|".join(trailer) + b"\n"]))

    def listing(self, stem: str, version: int, lines: Lines) -> None:
        """A version of a file with a check file, which is that of version 1 with other figures."""
        old, new = f"{stem}_01", f"{stem}_{version:02d}"
        data = b"".join(lines)
        fields = self.lines(f"{old}.verf")[0].split(b"|")
        fields[0], fields[3], fields[4] = f"{new}_001.dat".encode(), b"%d" % len(data), b"%d" % len(lines)
        self.write(f"{new}_001.dat", data)
        self.write(f"{new}.verf", b"|".join(fields))

    def biggest(self, prefix: str) -> str:
        """The file of a day with the most records, so that there is something to lose."""
        names = [path.name for path in self.folder.glob(f"{prefix}*_v1.cdr")]
        return max(sorted(names), key=lambda name: len(self.lines(name)))

    def by_use(self, stem: str) -> Lines:
        """The lines of the list of subscriptions, those that were used most last."""
        records = b"".join(path.read_bytes() for path in self.folder.glob("vc_*.cdr"))
        lines = [line for path in sorted(self.folder.glob(f"{stem}_01_*.dat")) for line in self.lines(path.name)]
        return sorted(lines, key=lambda line: records.count(line.split(b"|")[0]))

    def run(self) -> None:
        """Lands what is new, builds and estimates what follows from it."""
        for contract_id, days in sorted(steps.settle(self.home).items()):
            steps.land(self.home, self.known[contract_id], days)
        steps.build(self.home)
        steps.analyse(self.home)

    def state(self) -> dict[str, publish.TableState]:
        return publish.table_hashes(self.home.warehouse)


def version(name: str, number: int) -> str:
    return name.replace("_v1.", f"_v{number}.")


def moved(line: bytes, day: bytes, number: bytes) -> bytes:
    """The same voice record with another number and day."""
    fields = line.split(b"|")
    return b"|".join([number, *fields[1:7], day + fields[7][8:], *fields[8:]])


def test_runs_in_a_hostile_order_leave_the_tables_of_a_build_from_nothing(
    finished: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transform, "BUILD", (*transform.BUILD, "test"))  # what the gate says plays no part here
    site = Site(homes.copy_of(finished, tmp_path / "home"))
    tenth, twentieth = site.biggest("vc_10000_20260110"), site.biggest("vc_10000_20260120")
    data = site.biggest("dt_10000_20260115")
    payments, first_list = "payment_10000_20260124_v1.csv", "i_10000_20260101_02004"
    *others, busiest = site.by_use(first_list)
    own = moved(site.lines(tenth)[0], b"20260113", b"9000000001")

    for deliver in (
        # a day without its payments and a subscription that no list names; bytes and records of the tenth again on
        # the twelfth and thirteenth; a record of an event date that has no other; a version that breaks its trailer
        lambda: (
            site.write(version(payments, 2), site.lines(payments)[0] + b"TRAILER,0,0\n"),
            site.listing(first_list, 2, others),
            site.write("vc_10000_202601122300_009001_v1.cdr", (site.folder / tenth).read_bytes()),
            site.records("vc_10000_202601132300_009002_v1.cdr", [*site.lines(tenth)[:-1], own]),
            site.records(version(twentieth, 2), [
                *site.lines(twentieth)[:-1], moved(site.lines(twentieth)[0], b"20251228", b"9000000002")]),
            site.records(version(data, 2), site.lines(data)[:-1], broken=True),
        ),
        # the originals lose rows, so that the copies count; the odd event date loses its only record; the list
        # names the subscription, three weeks after its first facts
        lambda: (
            site.records(version(tenth, 2), site.lines(tenth)[1:-1]),
            site.records(version(twentieth, 3), site.lines(twentieth)[1:-1]),
            site.listing("a_10000_20260120_02004", 2, [busiest]),
        ),
        # the payments come late, the rejected version is mended
        lambda: (
            site.write(version(payments, 3), (site.folder / payments).read_bytes()),
            site.records(version(data, 3), site.lines(data)[1:-1]),
        ),
    ):
        deliver()
        site.run()
    _compare(site)


def _compare(site: Site) -> None:
    before = site.state()
    steps.forget(site.home)
    site.run()
    after = site.state()
    assert sorted(before) == sorted(after)
    assert {table: (before[table], after[table]) for table in after if before[table] != after[table]} == {}
