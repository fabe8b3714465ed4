"""Peak memory and speed of reading and taking in one large file of each kind, each in a process of its own.

    python tests/benchmarks/ingest_memory.py --gb 2 --xml-mb 500

Writes a delimited GB18030 file and a 3GPP measurement file into a folder of its own, measures, and removes it.
What is measured stands in `MEASURES`: `read` draws all batches of `formats.read`, `ingest` makes the lake partition.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO))

from orchestration import contracts, deliveries, formats, ingest, ledger, settings  # noqa: E402

DAY = date(2026, 3, 1)
BATCH = b"@@@@@@@@"  # stands in the templates where each copy gets a number of its own
USAGE_CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: bench__usage
name: usage
version: 1.0.0
status: active
domain: bench
servers:
  - server: landing
    type: custom
    format: delimited
    delimiter: "|"
    encoding: gb18030
    customProperties:
      - {property: filePattern, value: '^usage_(?P<period>\\d{8})\\.dat$'}
      - {property: control, value: stable}
      - {property: timeZone, value: Asia/Shanghai}
schema:
  - name: usage
    properties:
      - {name: record_id, logicalType: string, primaryKey: true}
      - {name: subscription_id, logicalType: string, required: true}
      - name: number_token
        logicalType: string
        classification: personal
        customProperties: [{property: tokenDomain, value: msisdn}]
      - {name: plan_name, logicalType: string}
      - {name: started_at, logicalType: timestamp, required: true}
      - {name: duration_s, logicalType: integer, required: true}
      - {name: charge_fen, logicalType: integer, required: true}
      - {name: note, logicalType: string}
"""


def write_usage(path: Path, size: int) -> None:
    """Rows of about 100 bytes, a third of them Chinese text; record ids never repeat, numbers do."""
    rows = [f"R{BATCH.decode()}{n:06d}|S{n % 90_000:08d}|139{n % 90_000:08d}|畅享{n % 40}元套餐|20260301{n % 24:02d}"
            f"{n % 60:02d}07|{n % 3_600}|{n % 900}|流量𠀀共享加油包" for n in range(40_000)]
    _repeat(path, b"", "".join(f"{row}\n" for row in rows).encode("gb18030"), b"", size)


def write_measurements(path: Path, size: int) -> None:
    """One managed element with many groups of 200 cells and 16 counters each."""
    types = "".join(f'<measType p="{n}">RRC.Counter{n}</measType>' for n in range(1, 17))
    cells = "".join(f'<measValue measObjLdn="ENBFunction=1,EUtranCell={BATCH.decode()}{n:04d}">\n'
                    + "".join(f'<r p="{p}">{n * p}</r>\n' for p in range(1, 17)) + "</measValue>\n"
                    for n in range(200))
    head = ('<?xml version="1.0" encoding="UTF-8"?>\n<measCollecFile xmlns="http://www.3gpp.org/ftp/specs/archive/'
            '32_series/32.435#measCollec"><fileHeader/><measData><managedElement localDn="ManagedElement=ENB-1"/>\n')
    group = ('<measInfo measInfoId="G"><granPeriod duration="PT900S" endTime="2026-03-01T10:15:00+08:00"/>\n'
             f"{types}\n{cells}</measInfo>\n")
    _repeat(path, head.encode(), group.encode(), b"</measData><fileFooter/></measCollecFile>\n", size)


def _repeat(path: Path, head: bytes, template: bytes, foot: bytes, size: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        target.write(head)
        for number in range(max(1, size // len(template))):
            target.write(template.replace(BATCH, b"%08d" % number))
        target.write(foot)


def measure_read(home: settings.Home, contract: contracts.Contract, path: Path) -> int:
    return sum(batch.num_rows for batch in formats.read(path, contract).batches)


def measure_ingest(home: settings.Home, contract: contracts.Contract, path: Path) -> int:
    """The same file through the ledger into the lake; all its rows must be accepted."""
    with ledger.Ledger(home.ledger) as book:
        stale = deliveries.settle(home, {contract.id: contract}, book)
        made = ingest.ingest(home, contract, [day for _, day in stale], book)
    assert len(made) == 1 and made[0].delivered_rows == made[0].accepted_rows, made
    return made[0].accepted_rows


MEASURES = {"read": measure_read, "ingest": measure_ingest}


def measure(name: str, root: Path, contract_id: str, path: Path) -> None:
    """In a fresh process: prints rows, seconds (of the clock and of the processor) and peak memory as JSON."""
    home = settings.home(root, contracts=root / "contracts")
    contract = contracts.load_all(home.contracts)[contract_id]
    started, cpu_before = time.perf_counter(), time.process_time()
    rows = MEASURES[name](home, contract, path)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows": rows, "seconds": round(seconds, 2), "cpu_seconds": round(cpu_seconds, 2),
                      "peak_mb": round(peak)}))


def compare(root: Path, gb: float, xml_mb: float, names: list[str]) -> list[dict]:
    """One line per file and measure."""
    home = settings.home(root, contracts=root / "contracts")
    (home.contracts / "bench").mkdir(parents=True)
    (home.contracts / "network").mkdir()
    (home.contracts / "bench" / "usage.odcs.yaml").write_text(USAGE_CONTRACT)
    shutil.copy(REPO / "data_contracts" / "network" / "measurement.odcs.yaml", home.contracts / "network")
    files = {"bench__usage": home.landing / "bench" / f"usage_{DAY:%Y%m%d}.dat",
             "network__measurement": home.landing / "network" / f"A{DAY:%Y%m%d}.1000+0800-1015+0800_ENB-1.xml"}
    results = []
    for (contract_id, path), size, write in zip(files.items(), (gb * 1e9, xml_mb * 1e6),
                                                (write_usage, write_measurements), strict=True):
        write(path, int(size))
        for name in names:
            results.append(_in_child(name, root, contract_id, path))
            print("{contract:22} {measure:7} {mb:7} MB {rows:11} rows {seconds:8} s {mb_per_seconds:6} MB/s"
                  " {mb_per_cpu_seconds:6} MB/cpu s {peak_mb:6} MB peak".format(**results[-1]), flush=True)
        path.unlink()
    return results


def _in_child(name: str, root: Path, contract_id: str, path: Path) -> dict:
    command = [sys.executable, __file__, "--child", name, str(root), contract_id, str(path)]
    environment = {"BASS_SECRET": "only for the benchmark", **os.environ}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{name} of {contract_id} failed:\n{done.stderr}")
    found, mb = json.loads(done.stdout.splitlines()[-1]), path.stat().st_size / 1e6
    speed = {f"mb_per_{key}": round(mb / max(found[key], 0.01), 1) for key in ("seconds", "cpu_seconds")}
    return {"contract": contract_id, "measure": name, "mb": round(mb), **speed, **found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gb", type=float, default=2, help="size of the delimited file")
    parser.add_argument("--xml-mb", type=float, default=500, help="size of the measurement file")
    parser.add_argument("--only", choices=MEASURES, help="one measure instead of all")
    parser.add_argument("--folder", type=Path, help="where to put the files (default: the system's folder for such)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bass_memory_", dir=arguments.folder) as folder:
        names = [arguments.only] if arguments.only else list(MEASURES)
        compare(Path(folder), arguments.gb, arguments.xml_mb, names)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        name, root, contract_id, path = sys.argv[2:]
        measure(name, Path(root), contract_id, Path(path))
    else:
        main()
