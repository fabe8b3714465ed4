"""One reader of a published file: `python -m tests.reliability.reader FILE OUT [hold]`, until OUT.stop is there.

Opens the file anew for each question, as tools do, or with `hold` keeps it open for a while and asks again.
Writes to OUT as JSON: how many answers, each different answer, errors.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path

import duckdb

from orchestration import publish

HELD_S = 3.0


def main(database: str, out: str, *options: str) -> None:
    os.nice(10)  # eight of them leave the runs little of two cores
    answers, errors, count = {}, [], 0
    while not Path(f"{out}.stop").exists():
        try:
            count += _ask(database, HELD_S if "hold" in options else 0.0, answers)
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")
    Path(out).write_text(json.dumps({"count": count, "answers": list(answers.values()), "errors": errors}))


def _ask(database: str, held_s: float, answers: dict[str, dict]) -> int:
    """Asks for rows and row hash of every table; while the file is held open the answer may not change."""
    count, until, first = 0, time.monotonic() + held_s, None
    with duckdb.connect(database, read_only=True, config={"threads": 1}) as connection:
        while count == 0 or time.monotonic() < until:
            answer = {name: asdict(state) for name, state in publish.table_states(connection).items()}
            text = json.dumps(answer, sort_keys=True)
            if first not in (None, text):
                raise AssertionError("the answer changed while the file was held open")
            first, answers[text], count = text, answer, count + 1
    return count


if __name__ == "__main__":
    main(*sys.argv[1:])
