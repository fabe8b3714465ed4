"""What a home holds: files by state, what is missing or wrong, what is published. Reads only."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from orchestration import board, contracts, missing, publish, steps, transform
from orchestration.ledger import Ledger
from orchestration.settings import Home

OPEN_STATES = ("waiting", "late", "missing", "rejected", "quarantined")
TIMES = ("due_at", "due_at_local", "file_date")
COUNTS = ("delivered", "accepted", "rejected", "duplicate")


def status(home: Home, as_of: datetime | None = None) -> dict[str, Any]:
    """Everything that `bass status` shows, ready for JSON; deadlines by `as_of` or the newest period that came."""
    if not home.ledger.exists():
        return {"home": str(home.root), "files": {}, "open_files": [], "board": [], "published": None, "pending": None,
                "problems": ["nothing has been delivered yet: try `bass demo`"]}
    build, version = transform.last_build(home), publish.published_version(home)
    window = steps.pending(home)
    with Ledger(home.ledger) as ledger:
        files = _files_by_state(ledger)
        open_files = _open_files(ledger)
        known = contracts.load_all(home.contracts)
        clock = as_of or missing.clock(known, ledger)
        outstanding = [asdict(line) for line in board.lines(known, ledger, clock)]
    return {
        "home": str(home.root),
        "files": files,
        "open_files": open_files,
        "as_of": str(clock),
        "board": [{name: str(value) if name in TIMES else value for name, value in line.items()}
                  for line in outstanding],
        "published": version and {"version": version.version, "published_at": version.published_at,
                                  "tables": len(version.tables), "checks_passed": version.checks_passed,
                                  "is_current": publish.is_current(home)},
        "pending": [str(day) for day in window] if window else None,
        "problems": publish.problems(home) if build else ["nothing is built yet: run `bass run`"],
    }


def totals(home: Home) -> dict[str, int]:
    """Files and rows of the whole history: of every accepted file delivered = accepted + rejected + duplicate."""
    sums = ", ".join(f"coalesce(sum({name}_rows), 0) as {name}" for name in COUNTS)
    with Ledger(home.ledger) as ledger:
        row = ledger.rows(f"select count(*) as files, {sums} from file where state = 'accepted'")[0]
    return dict(row)


def _files_by_state(ledger: Ledger) -> dict[str, dict[str, int]]:
    rows = ledger.rows(
        "select coalesce(contract_id, '(no contract)') as feed, state, count(*) as files from file"
        " group by feed, state order by feed, state"
    )
    feeds: dict[str, dict[str, int]] = {}
    for row in rows:
        feeds.setdefault(row["feed"], {})[row["state"]] = row["files"]
    return feeds


def _open_files(ledger: Ledger) -> list[dict[str, Any]]:
    places = ", ".join("?" for _ in OPEN_STATES)
    rows = ledger.rows(
        "select state, contract_id, file_date, file_name, reason from file"
        f" where state in ({places}) order by state, contract_id, file_date, file_name",
        OPEN_STATES,
    )
    return [dict(row) for row in rows]
