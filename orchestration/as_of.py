"""A closed month counted again from what was known when it was closed: the proof that its record is what it says.

Makes a second home that sees only the files which the ledger had seen by then, and the months closed before; the first
home is read, never written. What a later contract or model makes of the same files shows as a difference.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from orchestration import closing, pipeline, steps, transform
from orchestration.closing import Closing
from orchestration.ledger import Ledger
from orchestration.settings import Home


class NotReproducible(RuntimeError):
    """The files of then are not there any more, or the folder is not empty."""


@dataclass(frozen=True)
class Replay:
    """A closing and its figures counted again: how many there are, and those that differ (as closed, as counted)."""

    closing: Closing
    home: Home
    figures: int
    differences: list[tuple[dict[str, Any] | None, dict[str, Any] | None]]
    same_definitions: bool


def replay(home: Home, period: str, version: int | None, folder: Path, say: steps.Say = steps.silent) -> Replay:
    """Builds `folder` as the home was when a month was closed (newest version by default) and compares.

    Raises NotReproducible, and PeriodUnknown for a version that is not there.
    """
    if folder.exists() and any(folder.iterdir()):
        raise NotReproducible(f"{folder} is not empty")
    made = _chosen(home, period, version)
    then = replace(home, root=folder.resolve(), landing=folder.resolve() / "landing", lake=folder.resolve() / "lake")
    _link_landing(home, then, made.last_file_id)
    _copy_record(home, then, made)
    pipeline.run(then, say)
    record = closing.read(home, made, "figures")
    today = closing.of_kpis(closing.snapshot(then, period).figures, closing.kpis_of(record))
    closed, counted = ({_key(row): row for row in figures.to_pylist()} for figures in (record, today))
    differences = [(closed.get(key), counted.get(key)) for key in sorted(closed.keys() | counted.keys())
                   if closed.get(key) != counted.get(key)]
    return Replay(made, then, len(closed), differences, made.build_fingerprint == transform.fingerprint(then))


def _chosen(home: Home, period: str, version: int | None) -> Closing:
    closing.month(period)
    made = {one.version: one for one in closing.closings(home, period)}
    if not made or (version is not None and version not in made):
        raise closing.PeriodUnknown(f"{period} has no closed version{f' {version}' if version else ''}")
    return made[version if version is not None else max(made)]


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(str(row[name]) for name in ("kpi_id", "definition_version", "breakdown_code", "period_type",
                                             "period_start", "org_level_code", "org_id"))


def _link_landing(home: Home, then: Home, last_file_id: int) -> None:
    """The landing folder of then, file by file under its own name and time of arrival."""
    gone = []
    for row in _files(home, last_file_id):
        source, target = home.landing / row["relative_path"], then.landing / row["relative_path"]
        if not source.is_file() or _sha256(source) != row["sha256"]:
            gone.append(row["relative_path"])
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except OSError:  # another file system
            shutil.copy2(source, target)
    if gone:
        raise NotReproducible(f"{len(gone)} files of then are gone or overwritten in the landing folder: {gone[0]} ...")


def _files(home: Home, last_file_id: int) -> list[Any]:
    """What lay under each name then: of a file that was overwritten the last bytes seen."""
    with Ledger(home.ledger) as ledger:
        return ledger.rows(
            "select relative_path, sha256, max(file_id) from file"
            " where file_id <= ? and state <> 'missing' and sha256 <> '' group by relative_path",
            (last_file_id,),
        )


def _sha256(path: Path) -> str:
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _copy_record(home: Home, then: Home, made: Closing) -> None:
    """The months that were closed before: later months compare with them as they stood then."""
    for before in closing.closings(home):
        if (before.period, before.version) == (made.period, made.version):
            return
        if before.period != made.period:
            shutil.copytree(closing.folder(home, before), closing.folder(then, before))
            closing.add(then, before)
