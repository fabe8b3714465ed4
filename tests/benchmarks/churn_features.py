"""Seconds and peak memory of counting all features of a built sample again, in a process of its own.

    python -m tests.benchmarks.churn_features HOME

Takes the statements that the last build left behind and runs them into temporary tables, with the memory and threads
that a build has; the home is only read.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb

from orchestration import settings
from orchestration.settings import Home
from tests.benchmarks import printed
from tests.benchmarks.churn_warehouse import database
from tests.benchmarks.printed import peak_mb

WINDOWED = "not in (select"  # what a model that continues adds to its window: it would count only what is new


def statements(home: Home) -> dict[str, str]:
    """The compiled feature models that count everything; empty when the last build only continued."""
    folder = home.work / "dbt" / "target" / "compiled" / "bass" / "models" / "features"
    found = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("feature_*.sql"))}
    return {} if any(WINDOWED in text for text in found.values()) else found


def measure(home: Home) -> dict[str, object]:
    began = time.perf_counter()
    with duckdb.connect(config={"memory_limit": settings.memory_limit(), "threads": settings.threads()}) as connection:
        connection.execute(f"set temp_directory = '{home.work / 'spill'}'")
        connection.execute(f"attach '{database(home)}' as bass (read_only)")
        connection.execute("use bass")
        for name, text in statements(home).items():
            connection.execute(f"create temp table counted_{name} as ({text}\n)")
            connection.execute(f"drop table counted_{name}")
    return {"seconds": time.perf_counter() - began, "cpu_s": time.process_time(), "peak_mb": peak_mb(),
            "memory_limit": settings.memory_limit()}


def in_child(home: Home) -> dict[str, object]:
    """`measure` in a process of its own, so that the peak is its own."""
    if not statements(home):
        return {"models": 0, "note": "the last build did not count all months: bass build --full-refresh"}
    return {"models": len(statements(home)),
            **printed.in_child("tests.benchmarks.churn_features", str(home.root))}


if __name__ == "__main__":
    print(json.dumps(measure(settings.home(Path(sys.argv[1])))))
