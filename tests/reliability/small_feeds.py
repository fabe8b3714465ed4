"""Four small feeds, one per kind of control, and a reference model of what counts.

The model knows nothing but the set of files that lie in the landing folder: no order, no time, no code of
ours. What it says of states, rows and sums is what README calls *Which files count*.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

DAYS = ("20260105", "20260106", "20260107", "20260109")
LATE_AFTER = timedelta(days=1)
SERVER = {
    "trail": ("trailer", r"^t_(?P<sender>\d+)_(?P<period>\d{8})_(?P<sequence>\d+)_v(?P<version>\d+)\.cdr$", None),
    "check": (
        "verf",
        r"^c_(?P<sender>\d+)_(?P<period>\d{8})_(?P<version>\d{2})_(?P<part>\d{3})\.dat$",
        r"^c_(?P<sender>\d+)_(?P<period>\d{8})_(?P<version>\d{2})\.verf$",
    ),
    "listed": (
        "manifest",
        r"^m_(?P<period>\d{8})_v(?P<version>\d+)\.txt$",
        r"^m_(?P<period>\d{8})_v(?P<version>\d+)\.manifest\.json$",
    ),
    "whole": ("stable", r"^w_(?P<period>\d{8})_v(?P<version>\d+)\.txt$", None),
}
CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: shop__{feed}
name: {feed}
version: 1.0.0
status: active
domain: shop
servers:
  - server: landing
    type: custom
    format: delimited
    delimiter: "|"
    encoding: utf-8
    customProperties: {options}
slaProperties:
  - {{property: frequency, value: day}}
  - {{property: latency, value: 1, unit: d}}
schema:
  - name: {feed}
    physicalType: file
    customProperties: [{{property: duplicatePolicy, value: first}}]
    properties:
      - {{name: sale_id, physicalName: id, logicalType: string, primaryKey: true, primaryKeyPosition: 1}}
      - {{name: amount_fen, physicalName: amount, logicalType: integer, physicalType: bigint, required: true}}
"""


def write_contracts(folder: Path) -> Path:
    for feed, (control, pattern, control_pattern) in SERVER.items():
        options = {"control": control, "filePattern": pattern, "delivery": "full" if feed == "whole" else "increment"}
        options |= {} if control == "stable" else {"controlSums": ["amount_fen"]}
        options |= {"controlPattern": control_pattern} if control_pattern else {}
        options |= {"trailerMark": "TRAILER"} if control == "trailer" else {}
        custom = [{"property": name, "value": value} for name, value in options.items()]
        path = folder / "shop" / f"{feed}.odcs.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(CONTRACT.format(feed=feed, options=json.dumps(custom)))
    return folder


# ---- what a sender writes

def file_name(feed: str, day: str, number: int, version: int) -> str:
    return {
        "trail": f"t_10000_{day}_{number:06d}_v{version}.cdr",
        "check": f"c_10000_{day}_{version:02d}_{number:03d}.dat",
        "listed": f"m_{day}_v{version}.txt",
        "whole": f"w_{day}_v{version}.txt",
    }[feed]


def data_bytes(feed: str, rows: list[tuple[str, str]]) -> bytes:
    trailer = [("TRAILER", str(len(rows)), str(amount_of(rows)))] if feed == "trail" else []
    return "".join("|".join(row) + "\n" for row in [*rows, *trailer]).encode()


def control_of(name: str) -> str | None:
    """The name of the control file that announces a data file; None when its feed has none."""
    if name.startswith("c_"):
        return re.sub(r"_\d{3}\.dat$", ".verf", name)
    return name.replace(".txt", ".manifest.json") if name.startswith("m_") else None


def control_bytes(files: dict[str, bytes], wrong: str = "") -> bytes:
    """The control file of these data files; `wrong`: the figure that does not agree with them."""
    entries = []
    for name, data in sorted(files.items()):
        rows = rows_of(name, data)
        figures = {"size": len(data), "rows": len(rows), "sum": amount_of(rows)}
        figures |= {wrong: figures[wrong] + 1} if wrong in figures else {}
        digest = "0" * 64 if wrong == "hash" else hashlib.sha256(data).hexdigest()
        entries.append((name, figures, digest))
    if next(iter(files)).startswith("c_"):
        lines = [f"{n}|20260105|20260105|{f['size']}|{f['rows']}|0|20260105|{f['sum']}" for n, f, _ in entries]
        return "".join(f"{line}\n" for line in lines).encode()
    return json.dumps({"files": [
        {"name": n, "size": f["size"], "records": f["rows"], "sha256": digest, "sums": {"amount_fen": f["sum"]}}
        for n, f, digest in entries]}).encode()


# ---- the reference model

@dataclass(frozen=True)
class File:
    """A data file as its name and its bytes say."""

    name: str
    feed: str
    day: date
    unit: tuple[str, ...]
    version: int
    data: bytes

    @property
    def rows(self) -> list[tuple[str, ...]]:
        return rows_of(self.name, self.data)


def read(name: str, data: bytes) -> File | None:
    """None for a control file."""
    for feed, (_, pattern, _) in SERVER.items():
        if match := re.match(pattern, name):
            parts = match.groupdict()
            day = date.fromisoformat(parts["period"])
            unit = (feed, parts["period"], parts.get("sequence", ""))
            return File(name, feed, day, unit, int(parts["version"]), data)
    return None


def rows_of(name: str, data: bytes) -> list[tuple[str, ...]]:
    rows = [tuple(line.split("|")) for line in data.decode().splitlines()]
    return rows[:-1] if name.startswith("t_") and rows and rows[-1][0] == "TRAILER" else rows


def is_valid(row: tuple[str, ...]) -> bool:
    return len(row) == 2 and bool(row[0]) and row[1].isdigit()


def amount_of(rows: list[tuple[str, ...]]) -> int:
    return sum(int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit())


def verdict(file: File, files: dict[str, bytes]) -> str:
    """What the control says of a file: good, bad, or waiting for a control file that names it."""
    said = {"rows": len(file.rows), "sum": amount_of(file.rows), "size": len(file.data)}
    if file.feed == "whole":
        return "good"
    if file.feed == "trail":
        last = file.data.decode().splitlines()[-1:]
        return "good" if last == [f"TRAILER|{said['rows']}|{said['sum']}"] else "bad"
    text = files.get(control_of(file.name) or "", b"").decode()
    if file.feed == "check":
        named = [line.split("|") for line in text.splitlines() if line.startswith(file.name)]
        told = [{"size": int(n[3]), "rows": int(n[4]), "sum": int(n[7])} for n in named]
    else:
        said["hash"] = hashlib.sha256(file.data).hexdigest()
        named = [entry for entry in (json.loads(text)["files"] if text else []) if entry["name"] == file.name]
        told = [{"size": e["size"], "rows": e["records"], "sum": e["sums"]["amount_fen"], "hash": e["sha256"]}
                for e in named]
    return "waiting" if not told else "good" if told[0] == said else "bad"


def is_whole(file: File, files: dict[str, bytes], judged: dict[str, str]) -> bool:
    """Every file that the control file of this version names is there and good."""
    text = files.get(control_of(file.name) or "", b"").decode()
    names = re.findall(r"c_\d+_\d+_\d+_\d+\.dat|m_\d+_v\d+\.txt", text)
    return all(judged.get(name) == "good" for name in names)


def reference(files: dict[str, bytes]) -> tuple[dict[str, str], dict[tuple[str, date, str], tuple[str, int]]]:
    """State by file name, and (feed, day, record key) -> (file, amount): all from the set of files alone."""
    known = sorted((f for f in (read(*item) for item in files.items()) if f), key=lambda f: (f.feed, f.day, f.name))
    judged = {file.name: verdict(file, files) for file in known}
    newest = max((date.fromisoformat(re.findall(r"\d{8}", name)[0]) for name in files), default=None)
    states: dict[str, str] = {}
    lake: dict[tuple[str, date, str], tuple[str, int]] = {}
    for file in known:
        good = [o for o in known if o.unit == file.unit and judged[o.name] == "good"]
        in_force = max(((is_whole(o, files, judged), o.version) for o in good), default=(True, file.version))[1]
        is_copy = file.feed != "whole" and bool(file.rows) and any(
            o.feed == file.feed and o.data == file.data and states.get(o.name) == "accepted" for o in known
        )
        if judged[file.name] == "waiting":
            state = "late" if newest > file.day + LATE_AFTER else "waiting"
        elif file.version < in_force:
            state = "superseded"
        elif judged[file.name] == "bad":
            others = {**judged, file.name: "good"}
            # held: does not count either way, and is not read for nothing: rejected, waiting or a duplicate
            state = "rejected" if is_whole(file, files, others) and not is_copy else "held"
        elif file.version > in_force:
            state = "waiting"
        elif is_copy:
            state = "duplicate"
        else:
            state = "accepted"
            for row in file.rows:
                if is_valid(row):
                    lake.setdefault((file.feed, file.day, row[0]), (file.name, int(row[1])))
        states[file.name] = state
    return states, lake
