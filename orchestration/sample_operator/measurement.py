"""Performance measurement files: 3GPP TS 32.435 XML, one per quarter-hour with every cell in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from orchestration.sample_operator.landing_files import Landing, pack
from orchestration.sample_operator.network import Network, unavailable
from orchestration.sample_operator.plan import DAY, Plan
from orchestration.sample_operator.seasons import CALL_HOURS

FEED = "network__measurement"
COUNTERS = (
    "RRC.ConnEstabAtt", "RRC.ConnEstabSucc", "ERAB.EstabInitAttNbr", "ERAB.EstabInitSuccNbr", "ERAB.RelAttNbr",
    "ERAB.RelActNbr", "ERAB.SessionTimeUE", "RRC.ConnMean", "RRC.ConnMax", "RRU.PrbTotDl", "DRB.PdcpSduVolumeDl",
    "DRB.PdcpSduVolumeUl", "HO.ExeAtt", "HO.ExeSucc", "RRU.CellUnavailableTime", "ERAB.EstabFailNoResource",
)
SUBSCRIBERS_PER_CELL = 120
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<measCollecFile xmlns="http://www.3gpp.org/ftp/specs/archive/32_series/32.435#measCollec">\n'
    '<fileHeader fileFormatVersion="32.435 V10.0" vendorName="BASS sample"><fileSender localDn="SubNetwork=BASS,'
    'ManagementNode=OMC-1" elementType="OMC"/><measCollec beginTime="{begin}"/></fileHeader>\n'
    '<measData><managedElement localDn="SubNetwork=BASS,ManagedElement=OMC-1" swVersion="1.0"/>\n'
    '<measInfo measInfoId="CELL"><job jobId="1001"/><granPeriod duration="PT900S" endTime="{end}"/>'
    '<repPeriod duration="PT900S"/>\n{types}\n'
)
TYPES = "".join(f'<measType p="{p}">{name}</measType>' for p, name in enumerate(COUNTERS, start=1))
FOOT = '</measInfo></measData>\n<fileFooter><measCollec endTime="{end}"/></fileFooter>\n</measCollecFile>\n'


@dataclass(frozen=True)
class Measured:
    """Counters of one day, (counter, cell, quarter); `suspect` and `nil` mark doubtful and absent values."""

    values: np.ndarray
    suspect: np.ndarray
    nil: np.ndarray


def measure(plan: Plan, network: Network, volume: np.ndarray, day: int) -> Measured:
    """Plausible counters for the bytes that the cells carried; nothing is counted while a cell is out."""
    rng = plan.rng("measurement", day)
    shape = (network.size, 96)
    lost = unavailable(plan, network, day)
    alive = 1 - lost / 900
    profile = np.interp(np.arange(96) / 4, np.arange(25), np.append(CALL_HOURS, CALL_HOURS[0])) / CALL_HOURS.mean()
    load = np.clip(SUBSCRIBERS_PER_CELL * 0.55 * profile, 2, None) * (0.8 + 0.4 * rng.random((network.size, 1))) * alive
    rrc = rng.poisson(load)
    rrc_ok = rng.binomial(rrc, 0.995)
    erab = rng.poisson(load * 0.9)
    blocked = rng.binomial(erab, 0.002)
    erab_ok = rng.binomial(erab - blocked, 0.996)
    badness = plan.rng("cell quality").lognormal(np.log(0.0045), 0.4, (network.size, 1))
    dropped = rng.binomial(erab_ok, np.clip(badness * (1 + 0.3 * (lost > 0)), 0, 0.05) + np.zeros(shape))
    session = erab_ok * rng.integers(40, 90, shape)
    mean = np.round(session / 900 + 0.4 * alive, 2)
    over = 1.006 + 0.004 * rng.random(shape)  # the radio side counts a little more than is charged
    down, up = (np.rint(v * over).astype(np.int64) for v in volume)
    prb = np.round(np.clip(8 + 45 * profile * (0.5 + rng.random(shape)) * alive, 0, 100) * (alive > 0), 1)
    handovers = rng.poisson(load * 0.4)
    counters = [rrc, rrc_ok, erab, erab_ok, erab_ok, dropped, session, mean, np.ceil(mean * 1.8), prb, down, up,
                handovers, rng.binomial(handovers, 0.985), lost, blocked]
    suspect = rng.random(shape) < plan.effects.suspect_share
    nil = np.zeros((len(COUNTERS), *shape), dtype=bool)
    nil[7:10] = rng.random((3, *shape)) < plan.effects.nil_share
    return Measured(np.stack([np.broadcast_to(c, shape).astype(float) for c in counters]), suspect, nil)


def missing_quarters(plan: Plan) -> dict[int, set[int]]:
    """Quarter-hours whose file never comes, by day."""
    rng, missing = plan.rng("missing quarters"), {}
    for _ in range(plan.effects.missing_quarters_per_month * plan.months):
        missing.setdefault(int(rng.integers(1, plan.days)), set()).add(int(rng.integers(0, 96)))
    return missing


def lines(network: Network, measured: Measured) -> list[list[str]]:
    """`measValue` elements of every quarter-hour: built column by column for the whole day."""
    columns = []
    for position, (value, nil) in enumerate(zip(measured.values, measured.nil, strict=True), start=1):
        text = _numbers(value.T.ravel())
        if nil.any():
            text = pl.select(pl.when(pl.Series(nil.T.ravel())).then(pl.lit("NIL")).otherwise(text)).to_series()
        columns.append(text.alias(str(position)))
    objects = [f"ManagedElement=ENB-{site},ENBFunction=1,EUtranCell={cell}"
               for site, cell in zip(network.site_id, network.cell_id, strict=True)]
    doubt = pl.when(pl.Series(measured.suspect.T.ravel())).then(pl.lit("<suspect>true</suspect>")).otherwise(pl.lit(""))
    parts = [pl.lit('<measValue measObjLdn="'), pl.Series("object", objects * 96), pl.lit('">')]
    for column in columns:
        parts += [pl.lit(f'<r p="{column.name}">'), column, pl.lit("</r>")]
    text = pl.select(pl.concat_str([*parts, doubt, pl.lit("</measValue>")])).to_series().to_list()
    return [text[q * network.size:(q + 1) * network.size] for q in range(96)]


def _numbers(values: np.ndarray) -> pl.Series:
    whole = values.astype(np.int64)
    return pl.Series(whole if np.array_equal(whole, values) else values).cast(pl.String)


def send(plan: Plan, landing: Landing, network: Network, measured: Measured, day: int, missing: set[int]) -> None:
    on = plan.date_of(day)
    stamp = [f"{on:%Y-%m-%d}T{q // 4:02d}:{q % 4 * 15:02d}:00+08:00" for q in range(96)]
    stamp.append(f"{plan.date_of(day + 1):%Y-%m-%d}T00:00:00+08:00")
    for quarter, values in enumerate(lines(network, measured)):
        if quarter in missing:
            continue
        begin, end = stamp[quarter], stamp[quarter + 1]
        text = HEAD.format(begin=begin, end=end, types=TYPES) + "\n".join(values) + "\n" + FOOT.format(end=end)
        clock = [f"{q // 4 % 24:02d}{q % 4 * 15:02d}+0800" for q in (quarter, quarter + 1)]
        name = f"A{on:%Y%m%d}.{clock[0]}-{clock[1]}_OMC1.xml.gz"
        landing.put(FEED, name, pack(text.encode()), on, day * DAY + (quarter + 1) * 900 + 180,
                    rows=network.size * len(COUNTERS))
