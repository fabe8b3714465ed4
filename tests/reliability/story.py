"""What a disturbed home must come to: the tables, lake and ledger of one that nothing happened to."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from orchestration import publish
from orchestration.ledger import Ledger
from orchestration.settings import Home
from tests.reliability import homes
from tests.reliability.outcomes import Outcome
from tests.reliability.site import Site
from tests.reliability.victim import Ended, Server

# A ledger made again has not read what another version had already replaced.
FILE = ("relative_path, state, reason, is_late, contract_digest, " + ", ".join(
    f"iif(state = 'superseded', null, {name}_rows)" for name in ("delivered", "accepted", "rejected", "duplicate")))


@dataclass(frozen=True)
class Ending:
    """All that a run leaves, times aside."""

    tables: dict[str, publish.TableState]
    lake: dict[str, tuple]
    files: list[tuple]
    totals: list[tuple]


def ending(home: Home) -> Ending:
    with Ledger(home.ledger) as ledger:
        seen = ledger.rows(f"select {FILE} from file where state <> 'missing' order by 1, sha256")
        totals = [tuple(row) for row in ledger.rows(
            "select relative_path, t.* from file_total t join file using (file_id) where state <> 'superseded'"
            " order by 1, column_name")]
    return Ending(homes.hashes(home), lake(home), [tuple(row) for row in seen], [(row[0], *row[2:]) for row in totals])


def lake(home: Home) -> dict[str, tuple]:
    """Rows and row hash of every feed in the lake, of its rejects and of the estimates."""
    found = {}
    with duckdb.connect() as connection:
        for folder in sorted([*home.raw.iterdir(), *home.rejects.glob("*"), *home.estimates.iterdir()]):
            sql = f"select count(*), sum(hash(t)) from read_parquet('{folder}/*/*.parquet') as t"
            found[str(folder.relative_to(home.lake))] = connection.execute(sql).fetchone()
    return found


def unaccounted(home: Home) -> list[tuple]:
    """Accepted files whose rows do not add up, and days whose partition has other rows than the ledger says."""
    with Ledger(home.ledger) as ledger:
        wrong = [tuple(row) for row in ledger.rows(
            "select file_name, delivered_rows, accepted_rows, rejected_rows, duplicate_rows from file"
            " where state = 'accepted' and control_kind is null"
            " and delivered_rows is not accepted_rows + rejected_rows + duplicate_rows")]
        for row in ledger.rows("select contract_id, file_date, sum(accepted_rows) from file"
                               " where state = 'accepted' and control_kind is null group by 1, 2"):
            path = home.raw / row[0] / f"file_date={row[1]}" / "part.parquet"
            if not path.exists() or pq.read_metadata(path).num_rows != row[2]:
                wrong.append((str(path), row[2]))
    return wrong


@dataclass(frozen=True)
class Story:
    """A site's homes as they are before each command of an ordinary day, and how that day ends."""

    server: Server
    site: Site
    before: dict[str, Home]  # command -> home that it is about to work on
    took: dict[str, Ended]
    end: dict[str, Ending]  # command -> what there is after it and a plain run

    def copy(self, command: str, name: str) -> Home:
        return homes.copy_of(self.before[command], self.site.home(name).root)

    def settle_up(self, home: Home, command: str, outcome: Outcome) -> list[str]:
        """A plain `bass run`, and what is then not as if nothing had happened; counts it in `outcome`."""
        ended = self.server.run(self.site, home.root, "run")
        if ended.code:
            outcome.needed_a_hand += 1
            return [f"the next run ended with {ended.code}: {ended.said[-1000:]}"]
        found, wanted = ending(home), self.end[command]
        for name, state in wanted.tables.items():
            rows = found.tables[name].rows if name in found.tables else 0
            outcome.rows_lost += max(0, state.rows - rows)
            outcome.rows_doubled += max(0, rows - state.rows)
        wrong = [name for name in vars(wanted) if getattr(found, name) != getattr(wanted, name)]
        left = [str(path.relative_to(home.root)) for path in home.root.rglob("*")
                if ".tmp" in path.name and "dagster" not in path.parts]
        return [f"{name} differ" for name in wrong] + [f"left behind: {name}" for name in left] + [
            f"not accounted for: {row}" for row in unaccounted(home)]


def tell(server: Server, site: Site) -> Story:
    """Lives the day once, undisturbed, keeping a copy of the home before each command."""
    home, took, before = site.home("day"), {}, {}

    def step(name: str, command: str) -> None:
        before[name] = homes.copy_of(home, site.home(f"before_{name}").root)
        took[name] = server.run(site, home.root, command)
        assert took[name].code == 0, took[name].said

    homes.copy_of(site.home("new"), home.root)
    step("first run", "run")
    first = ending(home)
    deliver(site.later[0], home)
    before["run"] = homes.copy_of(home, site.home("before_run").root)
    for command in ("ingest", "build", "analyse", "publish"):
        step(command, command)
    end = ending(home)
    step("rebuild", "rebuild")
    assert ending(home) == end and end.tables != first.tables
    took["run"] = server.run(site, homes.copy_of(before["run"], home.root).root, "run")
    assert ending(home) == end and not unaccounted(home)
    return Story(server, site, before, took, {name: end for name in before} | {"first run": first})


def deliver(folder: Path, home: Home) -> None:
    """Puts the files of a landing folder into the home's."""
    shutil.copytree(folder, home.landing, dirs_exist_ok=True)


