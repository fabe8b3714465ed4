"""Makes the estimates that are missing or were made of something else, month by month. Knows no single analysis.

An analysis is a module with TABLES (name -> columns), `marks` (what each month would be made of), `read` (its features)
and `estimate` (the tables of one month). What it needs to calculate is imported only when a month is owed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path

import duckdb

from orchestration import settings
from orchestration.atomic import replace_file
from orchestration.estimates import churn, price, store, value
from orchestration.settings import Home

ANALYSES = {"churn": churn, "price": price, "value": value}
LIBRARIES = ("lightgbm", "scikit-learn", "pyfixest", "scipy", "numpy", "polars")
TABLES = {table: columns for analysis in ANALYSES.values() for table, columns in analysis.TABLES.items()}
Say = Callable[[str], None]


def refresh(home: Home, say: Say) -> dict[str, list[date]]:
    """The months made now, by analysis. Features are read from the working database, which must not be open elsewhere.

    Raises LeakageError when a model knows more than can be known.
    """
    made: dict[str, list[date]] = {}
    code = code_fingerprint()
    with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
        for name, analysis in ANALYSES.items():
            if not _has(warehouse, analysis.NEEDS):
                continue
            marks = analysis.marks(warehouse, code)
            for month in store.months(home, analysis.TABLES) - marks.keys():
                store.drop(home, analysis.TABLES, month)
            owed = [month for month in sorted(marks) if store.made_of(home, analysis.TABLES, month) != marks[month]]
            source = analysis.read(warehouse) if owed else None
            for number, month in enumerate(owed, start=1):
                title = f"{name} as of {month:%Y-%m} ({number} of {len(owed)})"
                found = analysis.estimate(source, month, lambda table, of: store.read(home, table, of),
                                          lambda text, title=title: say(f"{title}: {text}"))
                for table, columns in analysis.TABLES.items():
                    store.write(home, table, columns, month, found[table], marks[month])
            if owed:
                made[name] = owed
    return made


def code_fingerprint() -> str:
    """Changes with the code of the analyses and the libraries that calculate for them."""
    digest = hashlib.sha256(repr([(name, version(name)) for name in LIBRARIES]).encode())
    for folder in ("analytics", "estimates"):
        for path in sorted((settings.REPO / "orchestration" / folder).rglob("*.py")):
            digest.update(f"\0{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def is_current(home: Home) -> bool:
    """Whether every month has its estimates, made by the code as it is, and the marts show them."""
    return _noted(home) == [store.state(home), code_fingerprint()]


def is_shown(home: Home, state: str) -> bool:
    """Whether the marts show the estimates in this state of them."""
    return _noted(home)[:1] == [state]


def note(home: Home, shown: str, is_done: bool) -> None:
    """Remembers the state of the estimates that the marts show, and whether features have all been looked at."""
    text = json.dumps([shown, code_fingerprint() if is_done else None])
    replace_file(_path(home), lambda target: target.write_text(text))


def _noted(home: Home) -> list[str]:
    try:
        return json.loads(_path(home).read_text())
    except (OSError, ValueError):
        return []


def _path(home: Home) -> Path:
    return home.work / "estimates.json"


def _has(warehouse: duckdb.DuckDBPyConnection, tables: tuple[str, ...]) -> bool:
    """A site, or a test, may have a project without the features of an analysis."""
    rows = warehouse.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
    return set(tables) <= {row[0] for row in rows}
