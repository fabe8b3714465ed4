"""International roaming as the clearing sees it: own subscribers abroad (TAP in), foreign ones here (TAP out).

What own subscribers did abroad are their rated roaming records of the same moment, each exactly once; foreign
subscribers are drawn here. Charges are whole thousandths of a special drawing right. Late files, a number that is
never sent and three spoilt second versions are planted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from orchestration.sample_operator import tap_files
from orchestration.sample_operator.landing_files import Landing
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.reference import CITY_IDS, CITY_WEIGHTS
from orchestration.sample_operator.tap_files import OWN, Header

if TYPE_CHECKING:
    from orchestration.sample_operator.operator import World

# network, its clock against UTC, country code of its numbers, first digits of its subscriber identities
PARTNERS = (("HKGP1", 8, 852, 45400), ("JPNP1", 9, 81, 44010), ("THAP1", 7, 66, 52001), ("GBRP1", 0, 44, 23410))
CODES = np.array([partner[0] for partner in PARTNERS])
SHARES = [0.45, 0.2, 0.25, 0.1]
ABROAD, FIRST_NUMBER = 3, 101
PER_MINUTE, PER_MESSAGE, PER_MEGABYTE = (350, 120), (90, 0), 60
KINDS = np.array(["VOICE", "VOICE", "SMS", "SMS", "DATA", "OTHER"])
GAP = (1, 20)  # partner and day of the number that is never sent
IN, OUT = "billing__tap_in", "billing__tap_out"
EVENT = {"sub": pl.Int64, "second": pl.Int64, "kind": pl.Int64, "duration_s": pl.Int64, "received_bytes": pl.Int64,
         "sent_bytes": pl.Int64, "other": pl.Int64}


def observe(world: World, day: int, calls: dict, parts: dict) -> None:
    """Keeps what own subscribers did abroad on a day."""
    kept = world.drawn.setdefault("roaming", {}).setdefault("abroad", [])
    for records, kind in ((calls, None), (parts, tap_files.SESSION)):
        there = records["roam"] == ABROAD
        n = int(there.sum())
        zero = np.zeros(n, dtype=np.int64)
        is_call = kind is None
        kept.append(pl.DataFrame({
            "sub": records["sub"][there], "second": day * DAY + records["second"][there],
            "kind": np.array([0, 1, 0, 2, 3])[records["kind"][there]] if is_call else zero + tap_files.SESSION,
            "duration_s": records["duration" if is_call else "lasts"][there],
            "received_bytes": zero if is_call else records["down"][there],
            "sent_bytes": zero if is_call else records["up"][there],
            "other": records["number"][there] if is_call else zero}, schema=EVENT))


def send(world: World, out: Landing) -> None:
    drawn = world.drawn.setdefault("roaming", {"abroad": []})
    events = {IN: _abroad(world), OUT: _visitors(world.plan)}
    drawn |= {"files": [], "gaps": [], "events": []}
    for feed, frame in events.items():
        for place in range(len(PARTNERS)):
            _send_partner(world, out, feed, place, frame.filter(pl.col("partner") == place))
    if world.plan.faults:
        _spoil(world, out)


def _send_partner(world: World, out: Landing, feed: str, place: int, events: pl.DataFrame) -> None:
    """One file a day between us and a network: the events that are ready, or a notification that there are none."""
    plan, drawn, sequence = world.plan, world.drawn["roaming"], FIRST_NUMBER - 1
    network, hours = PARTNERS[place][:2]
    sender, recipient = (network, OWN) if feed == IN else (OWN, network)
    by_day = dict(events.partition_by("send_day", as_dict=True))
    for day in range(1, plan.days):
        sequence += 1
        if plan.faults and feed == IN and (place, day) == GAP:
            drawn["gaps"].append((feed, network, sequence, plan.date_of(day)))
            sequence += 1
        header = Header(sender, recipient, sequence, day, hours if feed == IN else 8)
        rows = by_day.get((day,), events.clear()).sort("second", "sub", "kind")
        data = tap_files.transfer_batch(plan, header, rows) if len(rows) else tap_files.notification(plan, header)
        name = f"CD{sender}{recipient}{sequence:05d}_{plan.date_of(day):%Y%m%d}_v1.tap"
        charge = int(rows["charge_units"].sum())
        sent = out.put(feed, name, data, plan.date_of(day), day * DAY + 6 * 3600, rows=len(rows),
                       sums={"charge_units": charge})
        drawn["files"].append((feed, network, sequence, name, plan.date_of(day), len(rows), charge))
        drawn["events"].append(rows.with_columns(
            pl.lit(feed).alias("feed"), pl.lit(network).alias("network"), pl.lit(name).alias("file_name"),
            pl.lit(day * DAY + 4 * 3600).alias("ready")))
        if len(rows):
            drawn.setdefault("spoilable", {}).setdefault(feed, []).append((sent, header, rows, data))


def _priced(plan: Plan, frame: pl.DataFrame, label: str) -> pl.DataFrame:
    """Partner charge by kind, and the day on which the file with the event is sent: mostly the next ones."""
    rng, n = plan.rng(label), len(frame)
    kind, minutes = frame["kind"].to_numpy(), -(-frame["duration_s"].to_numpy() // 60)
    megabytes = (frame["received_bytes"] + frame["sent_bytes"]).to_numpy() / 2**20
    charge = np.select([kind == k for k in range(4)], [
        minutes * PER_MINUTE[0], minutes * PER_MINUTE[1], np.full(n, PER_MESSAGE[0]), np.full(n, PER_MESSAGE[1])],
        np.ceil(megabytes * PER_MEGABYTE).astype(np.int64))
    wait = 1 + rng.integers(0, 3, n) + np.where(rng.random(n) < 0.03, rng.integers(5, 20, n), 0)
    return frame.with_columns(
        pl.Series("charge_units", np.where(kind == tap_files.SUPPLEMENTARY, 15, charge)).cast(pl.Int64),
        (pl.col("second") // DAY + pl.Series(wait)).alias("send_day")).filter(pl.col("send_day") < plan.days)


def _abroad(world: World) -> pl.DataFrame:
    """A subscriber stays with one network for a whole day."""
    people, frames = world.population, world.drawn["roaming"]["abroad"]
    frame = pl.concat(frames) if frames else pl.DataFrame(schema=EVENT)
    sub, day = frame["sub"].to_numpy(), frame["second"].to_numpy() // DAY
    u = ((sub * 7919 + day * 104_729 + world.plan.seed) % 9973) / 9973
    partner = np.minimum(np.searchsorted(np.cumsum(SHARES), u), len(PARTNERS) - 1)
    frame = frame.with_columns(
        pl.Series("partner", partner), pl.Series("imsi", 460_990_000_000_000 + sub, dtype=pl.Int64),
        pl.Series("msisdn", 86 * 10**11 + people.number[sub], dtype=pl.Int64),
        pl.Series("entity", np.char.add("MSC-", CODES[partner]), dtype=pl.String))
    national = (pl.col("other") >= 10**10) & (pl.col("other") < 2 * 10**10)
    other = pl.when(national).then(86 * 10**11 + pl.col("other")).otherwise("other")
    return _priced(world.plan, frame.with_columns(other.alias("other")), "tap in")


def _visitors(plan: Plan) -> pl.DataFrame:
    """Foreign subscribers: about one call event a day for every 300 own subscriptions, some of other kinds."""
    rng = plan.rng("visitors")
    n = max(40, int(rng.poisson(plan.subscribers / 300 * plan.days)))
    partner = rng.choice(len(PARTNERS), n, p=SHARES)
    serial = rng.integers(0, max(20, n // 9), n)
    country, identity = (np.array([p[k] for p in PARTNERS])[partner] for k in (2, 3))
    kind = rng.choice(6, n, p=[0.3, 0.2, 0.15, 0.1, 0.22, 0.03])
    volume = np.where(kind == tap_files.SESSION, np.exp(rng.normal(14, 1.3, n)), 0).astype(np.int64)
    lasts = np.where(kind < 2, np.exp(rng.normal(4.5, 0.9, n)), np.where(kind == tap_files.SESSION, 600, 0))
    frame = pl.DataFrame({
        "sub": serial, "second": np.sort(rng.integers(0, plan.end_s, n)), "kind": kind,
        "duration_s": np.maximum(lasts, kind < 2).astype(np.int64), "received_bytes": volume,
        "sent_bytes": volume // 9, "other": 86 * 10**11 + 18_800_000_000 + rng.integers(0, 10**8, n),
        "partner": partner, "imsi": identity * 10**10 + serial, "msisdn": country * 10**9 + 600_000_000 + serial,
        "entity": np.char.add("MSC", rng.choice(CITY_IDS, n, p=CITY_WEIGHTS).astype(str))})
    return _priced(plan, frame, "tap out")


def _spoil(world: World, out: Landing) -> None:
    """Second versions that no one can use: cut, garbled, wrong audit total. The first version stays in force."""
    kinds = ("ber_truncated", "ber_garbled", "control_sum")
    found = world.drawn["roaming"].get("spoilable", {}).get(OUT, [])
    for kind, (sent, header, rows, data) in zip(kinds, found[1:], strict=False):
        bad = {"ber_truncated": tap_files.cut, "ber_garbled": tap_files.garble}.get(
            kind, lambda _, h=header, r=rows: tap_files.transfer_batch(world.plan, h, r, 7))(data)
        out.put(OUT, sent.file_name.replace("_v1.", "_v2."), bad, sent.file_date, header.day * DAY + 9 * 3600,
                state="rejected", reason=kind, version=2)


def truth(world: World) -> dict[str, pl.DataFrame]:
    """Files, numbers never sent, and charges keyed like the fact: file, day of the event, kind of use."""
    drawn = world.drawn["roaming"]
    names = ["contract_id", "network", "sequence", "file_name", "file_date", "events", "charge_units"]
    files = pl.DataFrame(drawn["files"], schema=names, orient="row")
    gap = pl.DataFrame(drawn["gaps"], orient="row", schema={
        "contract_id": pl.String, "network": pl.String, "sequence": pl.Int64, "file_date": pl.Date})
    keep = ["feed", "network", "file_name", "second", "kind", "duration_s", "received_bytes", "sent_bytes",
            "charge_units", "ready"]
    events = pl.concat(frame.select(keep) for frame in drawn["events"])
    charge = events.with_columns(
        world.plan.dates(events["second"].to_numpy() // DAY).alias("event_date"),
        pl.Series("service", KINDS[events["kind"].to_numpy()]), (pl.col("ready") - pl.col("second")).alias("delay_s"),
    ).group_by("feed", "network", "file_name", "event_date", "service").agg(
        pl.len().alias("events"), pl.col("duration_s", "received_bytes", "sent_bytes", "charge_units", "delay_s").sum())
    return {"tap_file": files, "tap_gap": gap,
            "roaming_charge": charge.sort("feed", "network", "file_name", "event_date", "service")}
