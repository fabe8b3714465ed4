"""Says whether two engines made the same data: columns, row counts, order-independent row hashes.

`python -m tests.spark.compare --lake home/lake [--select dim]` does it by hand. Both sides are read by
DuckDB, Spark's cast to DuckDB's column types first, so that one hash function judges both; a type that
differs is reported but is not a difference of data.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from tests.spark import cluster
from tests.spark.engines import ENGINES, NOT_BUILT, Build, Relation, build


@dataclass
class Verdict:
    """The comparison of one relation."""

    relation: Relation
    rows: tuple[int, int] = (0, 0)
    differences: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        return not self.differences


def compare(one: Build, other: Build) -> list[Verdict]:
    """One verdict per relation that either engine built."""
    written = other.written()
    with duckdb.connect(str(one.warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        built = _relations(connection)
        verdicts = [Verdict(relation, differences=["built on one engine only"]) for relation in built ^ set(written)]
        for relation in built & set(written):
            verdicts.append(_compare(connection, relation, other.parquet(relation), written[relation]))
    return sorted(verdicts, key=lambda verdict: str(verdict.relation))


def _relations(connection: duckdb.DuckDBPyConnection) -> set[Relation]:
    rows = connection.execute("""
        select schema_name, table_name, false from duckdb_tables() where not internal
        union all select schema_name, view_name, true from duckdb_views() where not internal""").fetchall()
    return {Relation(*row) for row in rows if row[0] not in NOT_BUILT}


def _compare(connection: duckdb.DuckDBPyConnection, relation: Relation, glob: str, there: dict[str, str]) -> Verdict:
    verdict = Verdict(relation)
    described = connection.execute(f"describe select * from {relation}").fetchall()
    here = {name: kind for name, kind, *_ in described}
    if set(here) != set(there):
        verdict.differences.append(f"columns: {sorted(set(here) ^ set(there))} on one engine only")
        return verdict
    verdict.types = [f"{name}: {here[name]} / {there[name]}" for name in here if here[name] != there[name]]
    left = _hashes(connection, f"select * from {relation}", here)
    right = _hashes(connection, _written(connection, glob, here), here)
    verdict.rows = (left.pop("rows"), right.pop("rows"))
    if verdict.rows[0] != verdict.rows[1]:
        verdict.differences.append(f"rows: {verdict.rows[0]} / {verdict.rows[1]}")
    elif left != right:
        wrong = [name for name in here if left[name] != right[name]] or ["(rows pair up differently)"]
        verdict.differences.append("values in " + ", ".join(wrong))
    return verdict


def _written(connection: duckdb.DuckDBPyConnection, glob: str, columns: dict[str, str]) -> str:
    """A select over what Spark wrote; a partitioned table without rows has no file at all."""
    (files,) = connection.execute("select count(*) from glob(?)", [glob]).fetchone()
    if not files:
        return f"select {', '.join(f'cast(null as {kind}) as {name}' for name, kind in columns.items())} where false"
    casts = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in columns.items())
    options = "hive_partitioning = true, hive_types_autocast = false, union_by_name = true"
    return f"select {casts} from read_parquet('{glob}', {options})"


def _hashes(connection: duckdb.DuckDBPyConnection, query: str, columns: dict[str, str]) -> dict[str, int]:
    """Sums of hashes, which no order of rows can change: of every column and of whole rows."""
    values = {name: _comparable(name, kind) for name, kind in columns.items()}
    sums = ", ".join(f'sum(hash({value})) as "{name}"' for name, value in values.items())
    row = f"sum(hash({', '.join(values.values())})) as \"(row)\""
    result = connection.execute(f"select count(*) as rows, {row}, {sums} from ({query})")
    return dict(zip([column[0] for column in result.description], result.fetchone(), strict=True))


def _comparable(name: str, kind: str) -> str:
    """A double depends on the order in which it was added up: nine significant digits are compared."""
    return f"""format('{{:.8e}}', "{name}" + 0.0)""" if kind in ("DOUBLE", "FLOAT") else f'"{name}"'


def report(verdicts: list[Verdict]) -> str:
    """The comparison as text: what differs first, the totals last."""
    lines = [f"DIFFERS {v.relation}: {'; '.join(v.differences)}" for v in verdicts if not v.equal]
    lines += [f"types   {v.relation}: {'; '.join(v.types)}" for v in verdicts if v.types]
    lines += ["empty   " + ", ".join(str(v.relation) for v in verdicts if v.rows == (0, 0) and v.equal)]
    counts = len(verdicts), sum(v.equal for v in verdicts), sum(v.rows[0] for v in verdicts)
    return "\n".join([*lines, "{} relations compared, {} equal, {} rows".format(*counts)])


def failures(output: str) -> str:
    """What dbt said after its last line of progress, long lines cut."""
    noise = ("Setting ", "WARNING", " OK ", " START ", " PASS ", " SKIP ", " WARN ", "[Stage ")
    lines = [line[:300] for line in output.splitlines() if line.strip() and not any(word in line for word in noise)]
    return "\n".join(lines[-80:])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.spark.compare", description=__doc__.splitlines()[0])
    parser.add_argument("--lake", type=Path, required=True)
    parser.add_argument("--folder", type=Path, help="where the two engines build (default: a temporary folder)")
    parser.add_argument("--tests", action="store_true", help="run the data tests on both engines too")
    parser.add_argument("--select", nargs="*", default=[], help="dbt selection (default: everything)")
    parser.add_argument("--cluster", action="store_true", help="Spark as a master and two workers, not one process")
    parser.add_argument("--again", action="store_true", help="compare what --folder holds; build nothing")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="bass-spark-"))
    arguments = ["build"] + (["--select", *options.select] if options.select else [])
    arguments += [] if options.tests else ["--exclude-resource-types", "test", "unit_test"]
    if options.again:
        builds = [Build(engine, folder / engine, 0, "", True) for engine in ENGINES]
    else:
        with cluster.standalone(folder / "cluster") if options.cluster else nullcontext("local[2]") as master:
            builds = [build(engine, options.lake, folder / engine, arguments, master=master) for engine in ENGINES]
    for made in builds:
        print(f"{made.engine}: {made.seconds:.1f} s, {'ok' if made.succeeded else failures(made.output)}")
    started = time.monotonic()
    verdicts = compare(*builds)
    print(report(verdicts))
    print(f"compared in {time.monotonic() - started:.1f} s, folder {folder}")
    return 0 if all(b.succeeded for b in builds) and all(v.equal for v in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
