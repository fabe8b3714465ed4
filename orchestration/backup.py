"""Backup and restore of what cannot be made again: delivered files, ledger, vault, and the record of closed periods.

A backup folder holds each delivered file once, under its hash, and one small folder per backup with copies of the
ledger and the vault and a list of all files. Lake and warehouse are caches and stay out; so does the secret, without
which a restored vault opens to nobody, unless it is asked for.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestration import privacy, steps, vault
from orchestration.atomic import replace_file
from orchestration.settings import Home

CHECK = "vault/secret.check"
FILES = ("ledger.sqlite", "vault/vault.sqlite", CHECK, "sample.json")
FOLDERS = ("closed",)
CHUNK = 1024 * 1024


class BackupRefused(RuntimeError):
    """A backup that is damaged or not there, or a restore that would write over something."""


@dataclass(frozen=True)
class Entry:
    """One file: path below landing or below the home, its hash, and what the ledger knows it by."""

    path: str
    sha256: str
    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True)
class Backup:
    """list.json of one backup."""

    made_at: str
    landing: list[Entry]
    home: list[Entry]


@dataclass(frozen=True)
class Done:
    """What was copied: files and bytes in the backup, and how many of them were new."""

    folder: Path
    files: int
    size_bytes: int
    new_files: int


def back_up(home: Home, to: Path, with_secret: bool = False, say: steps.Say = steps.silent) -> Done:
    """Adds one backup to the folder `to`; nobody writes to the home meanwhile. Raises BackupRefused."""
    to = to.resolve()
    if any(to.is_relative_to(folder) for folder in (home.root, home.landing)):
        raise BackupRefused(f"{to} lies in the home itself: name another folder, best on another disk")
    with steps.writing(home):
        before = {entry.path: entry for entry in _read(_backups(to)[-1]).landing} if _backups(to) else {}
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        making = to / "backups" / f".{stamp}"
        making.mkdir(parents=True)
        stored = [_store(to, home.landing, path, before) for path in _told(_files(home.landing), "backup", say)]
        made = Backup(stamp, [entry for entry, _ in stored], _copy_records(home, making, with_secret))
        (making / "list.json").write_text(json.dumps(asdict(made)))
        os.sync()
        os.replace(making, to / "backups" / stamp)
    return _done(to / "backups" / stamp, made, sum(is_new for _, is_new in stored))


def restore(home: Home, source: Path, force: bool = False, say: steps.Say = steps.silent) -> Done:
    """Puts the newest backup of a folder, or the one that is named, into the home; every byte is checked on the way.

    Nothing is written over unless `force`: then what differs is replaced, delivered files that the backup does not
    know stay, and what was erased since stays erased. A restore that was killed is simply run again; the next
    run builds lake and warehouse. Raises BackupRefused, and SecretMissing before anything is written.
    """
    folder = _chosen(source.resolve())
    said, mark = _read(folder), home.root / "restoring"
    if not (force or mark.exists()) and (home.ledger.exists() or vault.path_exists(home)):
        raise BackupRefused(f"{home.root} holds a home already: name another one, or say --force")
    kept = folder / "secret"
    privacy.prove(home, (folder / CHECK).read_text(), kept.read_bytes() if kept.exists() else None)
    with steps.writing(home, with_secret=False):
        mark.touch()
        erased = vault.erased(home).to_pylist()
        for entry in _told(said.landing, "restore", say):
            _put(folder.parent.parent / "files" / entry.sha256[:2] / entry.sha256, home.landing, entry, force)
        for path in (home.ledger, home.vault / "vault.sqlite"):
            for leftover in ("-wal", "-shm", "-journal"):
                path.with_name(path.name + leftover).unlink(missing_ok=True)
        for entry in said.home:
            _put(folder / entry.path, home.root, entry, True)
        vault.list_erased(home, [(row["domain"], row["mark"]) for row in erased], said.made_at)
        vault.destroy(home)
        steps.forget(home)
        mark.unlink()
    return _done(folder, said, 0)


def _done(folder: Path, backup: Backup, new: int) -> Done:
    entries = [*backup.landing, *backup.home]
    return Done(folder, len(entries), sum(entry.size_bytes for entry in entries), new)


def _backups(folder: Path) -> list[Path]:
    """The complete backups of a folder, oldest first."""
    return sorted(path.parent for path in (folder / "backups").glob("[0-9]*/list.json"))


def _chosen(source: Path) -> Path:
    if (source / "list.json").exists():
        return source
    if not (found := _backups(source)):
        raise BackupRefused(f"{source} holds no backup")
    return found[-1]


def _read(folder: Path) -> Backup:
    try:
        said = json.loads((folder / "list.json").read_text())
        return Backup(said["made_at"], *([Entry(**entry) for entry in said[part]] for part in ("landing", "home")))
    except (ValueError, KeyError, TypeError) as error:
        raise BackupRefused(f"{folder / 'list.json'} is damaged: {error}") from None


def _files(folder: Path) -> list[Path]:
    """Every plain file; a link may lead anywhere and is never followed."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _told(things: list[Any], step: str, say: steps.Say) -> Iterator[Any]:
    for number, thing in enumerate(things):
        if number % 1000 == 0:
            say(step, f"{number} of {len(things)} files")
        yield thing


def _store(to: Path, landing: Path, path: Path, before: dict[str, Entry]) -> tuple[Entry, bool]:
    """Puts one delivered file into the stock, unless the last backup has it; and whether its bytes are new there."""
    relative, status = path.relative_to(landing).as_posix(), path.stat()
    known = before.get(relative)
    if known and (known.size_bytes, known.mtime_ns) == (status.st_size, status.st_mtime_ns):
        return known, False
    coming = to / "files" / f".coming-{os.getpid()}"
    coming.parent.mkdir(parents=True, exist_ok=True)
    entry = _copy(path, coming, relative)
    target = to / "files" / entry.sha256[:2] / entry.sha256
    is_new = not target.exists()
    target.parent.mkdir(exist_ok=True)
    os.replace(coming, target)
    return entry, is_new


def _copy_records(home: Home, to: Path, with_secret: bool) -> list[Entry]:
    """Ledger and vault through SQLite's own backup, the rest as it is."""
    records = [path for path in (home.root / name for name in FILES) if path.exists()]
    records += [path for name in FOLDERS for path in _files(home.root / name)]
    for path in records:
        target = to / path.relative_to(home.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".sqlite":
            with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
                source.backup(copy)
        else:
            shutil.copy2(path, target)
    if with_secret:
        (to / "secret").write_bytes(privacy.secret(home))
    return [_entry(path, path.relative_to(to).as_posix(), _digest(path)) for path in _files(to)]


def _put(source: Path, folder: Path, entry: Entry, force: bool) -> None:
    """One file from the backup to its place. Raises BackupRefused if it is damaged or another stands there."""
    target = folder / entry.path
    if target.exists():
        if _digest(target) == entry.sha256:
            os.utime(target, ns=(entry.mtime_ns, entry.mtime_ns))
            return
        if not force:
            raise BackupRefused(f"{target} is there with other bytes than in the backup: say --force to replace it")
    if not source.exists():
        raise BackupRefused(f"the backup is damaged: {source} is missing")

    def write(temporary: Path) -> None:
        if _copy(source, temporary, entry.path).sha256 != entry.sha256:
            temporary.unlink()
            raise BackupRefused(f"the backup is damaged: {source} is not what was stored")
        os.utime(temporary, ns=(entry.mtime_ns, entry.mtime_ns))

    replace_file(target, write)


def _copy(source: Path, target: Path, relative: str) -> Entry:
    """Copies and hashes in one reading."""
    digest = hashlib.sha256()
    with open(source, "rb") as reading, open(target, "wb") as writing:
        while chunk := reading.read(CHUNK):
            digest.update(chunk)
            writing.write(chunk)
    return _entry(source, relative, digest.hexdigest())


def _digest(path: Path) -> str:
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _entry(path: Path, relative: str, sha256: str) -> Entry:
    status = path.stat()
    return Entry(relative, sha256, status.st_size, status.st_mtime_ns)
