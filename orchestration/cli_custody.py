"""The commands of whoever keeps the data: export, erase, backup, restore. Parses, calls and prints like `cli`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from orchestration.cli_text import progress
from orchestration.settings import Home


def add(command: Callable[[str, Any, str], argparse.ArgumentParser]) -> None:
    """Adds the commands to those of `bass`."""
    export_ = command("export", export, "write a customer's own circuits and tickets, or a campaign's list, as files")
    whose = export_.add_mutually_exclusive_group(required=True)
    whose.add_argument("--customer", metavar="NUMBER", help="customer number")
    whose.add_argument("--campaign", metavar="NUMBER", help="campaign: who is drawn for it and has consented")
    export_.add_argument("--to", required=True, type=Path, metavar="DIR", help="folder of the files")
    erase_ = command("erase", erase, "take a person out of lake, warehouse and vault: by customer number, or values")
    erase_.add_argument("--customer", action="append", default=[], metavar="NUMBER", help="customer number; repeatable")
    erase_.add_argument("--domain", help="token domain (msisdn, name ...) of the values, one a line on standard input:"
                                         " an argument would stand in the list of processes")
    erase_.add_argument("--token", action="append", default=[], type=int, metavar="N", help="tokens of the domain")
    erase_.add_argument("--files", type=Path, metavar="FILE", help="write the names of the files that hold the person")
    backup_ = command("backup", back_up, "copy delivered files, ledger, vault and closed periods; not the secret")
    backup_.add_argument("--to", required=True, type=Path, metavar="DIR", help="folder of the backups, on another disk")
    backup_.add_argument("--with-secret", action="store_true", help="the secret too: then the backup opens the vault")
    restore_ = command("restore", restore, "put a backup into a new home, or with --force into this one")
    restore_.add_argument("--from", dest="source", required=True, type=Path, metavar="DIR",
                          help="folder of the backups (the newest counts) or one of them")
    restore_.add_argument("--force", action="store_true", help="replace what is there and differs")


def export(home: Home, chosen: argparse.Namespace) -> None:
    from orchestration import campaign_export, customer_export

    if chosen.campaign:
        listed = campaign_export.write(home, chosen.campaign, chosen.to)
        print(f"{chosen.to / 'campaign.csv'}: {listed.written} rows; left out: {listed.without_consent} without"
              f" consent, {listed.control} of the control group")
        return
    for name, rows in customer_export.write(home, chosen.customer, chosen.to).items():
        print(f"{chosen.to / name}.csv: {rows} rows")


def erase(home: Home, chosen: argparse.Namespace) -> None:
    from orchestration import erasure, steps

    lines = sys.stdin.read().splitlines() if chosen.domain and not chosen.token else []
    with steps.writing(home):
        done = erasure.erase(
            home, customers=chosen.customer, tokens=[(chosen.domain, token) for token in chosen.token],
            values=[(chosen.domain, line.strip()) for line in lines if line.strip()],
        )
    if chosen.files:
        chosen.files.write_text("".join(f"{name}\n" for name in done.files))
    print(f"{done.values} values destroyed in the vault, {done.shared} kept because other customers have them too; "
          f"{done.days} days of the lake are to be made again\n{len(done.files)} delivered files still hold the person "
          "as delivered: have them sent again or removed\nnext: bass run")


def back_up(home: Home, chosen: argparse.Namespace) -> None:
    from orchestration import backup

    with progress() as say:
        done = backup.back_up(home, chosen.to, chosen.with_secret, say)
    secret = "the secret is in it: guard it" if chosen.with_secret else "keep the secret elsewhere: it is not in it"
    print(f"{done.files:,} files, {_size(done)}, {done.new_files:,} of them new in {done.folder}\n{secret}")


def restore(home: Home, chosen: argparse.Namespace) -> None:
    from orchestration import backup

    with progress() as say:
        done = backup.restore(home, chosen.source, chosen.force, say)
    print(f"{done.files:,} files, {_size(done)} from {done.folder}\nnext: bass run --home {home.root}")


def _size(done: Any) -> str:
    return f"{done.size_bytes / 1e6:,.1f} MB"
