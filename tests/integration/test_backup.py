"""Backup and restore: what cannot be made again comes back byte by byte, and the rest is made from it."""

import json
import shutil
import stat
from datetime import date
from pathlib import Path

import pytest
from conftest import put

from orchestration import backup, ledger, pipeline, privacy, publish
from orchestration.settings import Home

SECOND = date(2026, 3, 2)


def landing(home: Home) -> dict[str, tuple[bytes, int]]:
    files = (path for path in home.landing.rglob("*") if path.is_file())
    return {str(path.relative_to(home.landing)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_a_destroyed_home_comes_back_with_the_same_rows(published: Home, tmp_path: Path) -> None:
    before, files = publish.table_hashes(published.published_database), landing(published)
    made = backup.back_up(published, tmp_path / "safe")
    shutil.rmtree(published.root)
    backup.restore(published, tmp_path / "safe")
    assert landing(published) == files
    pipeline.run(published)
    assert publish.table_hashes(published.published_database) == before
    assert pipeline.run(published) is None
    assert made.files == len(files) + 3


def test_the_second_backup_copies_what_is_new(published: Home, tmp_path: Path) -> None:
    assert backup.back_up(published, tmp_path / "safe").new_files == 1
    put(published, SECOND, ("3", "C", 10))
    assert backup.back_up(published, tmp_path / "safe").new_files == 1
    assert backup.back_up(published, tmp_path / "safe").new_files == 0
    stored = [path for path in (tmp_path / "safe" / "files").rglob("*") if path.is_file()]
    assert len(stored) == 2


def test_an_older_backup_can_be_named(published: Home, tmp_path: Path) -> None:
    first = backup.back_up(published, tmp_path / "safe").folder
    put(published, SECOND, ("3", "C", 10))
    backup.back_up(published, tmp_path / "safe")
    shutil.rmtree(published.root)
    backup.restore(published, first)
    assert len(landing(published)) == 1


def test_a_home_that_is_there_is_not_written_over_without_force(published: Home, tmp_path: Path) -> None:
    backup.back_up(published, tmp_path / "safe")
    late = put(published, SECOND, ("3", "C", 10))
    with pytest.raises(backup.BackupRefused, match="--force"):
        backup.restore(published, tmp_path / "safe")
    backup.restore(published, tmp_path / "safe", force=True)
    assert late.exists()
    pipeline.run(published)
    with ledger.Ledger(published.ledger) as book:
        assert book.rows("select sum(accepted_rows) from file")[0][0] == 3


@pytest.mark.parametrize("harm", ["changed", "gone"])
def test_a_damaged_backup_is_refused_and_a_second_try_goes_on(published: Home, tmp_path: Path, harm: str) -> None:
    backup.back_up(published, tmp_path / "safe")
    (stored,) = [path for path in (tmp_path / "safe" / "files").rglob("*") if path.is_file()]
    good = stored.read_bytes()
    stored.write_bytes(good[:-2] + b"9\n") if harm == "changed" else stored.unlink()
    shutil.rmtree(published.root)
    with pytest.raises(backup.BackupRefused, match="damaged"):
        backup.restore(published, tmp_path / "safe")
    assert not published.ledger.exists() and landing(published) == {}
    stored.write_bytes(good)
    backup.restore(published, tmp_path / "safe")
    assert len(landing(published)) == 1


def test_the_secret_is_not_in_the_backup_unless_asked_for(published: Home, tmp_path: Path, monkeypatch) -> None:
    backup.back_up(published, tmp_path / "safe")
    everything = b"".join(path.read_bytes() for path in (tmp_path / "safe").rglob("*") if path.is_file())
    assert b"a secret of the tests" not in everything
    backup.back_up(published, tmp_path / "whole", with_secret=True)
    shutil.rmtree(published.root)
    monkeypatch.setenv("BASS_SECRET", "another one")
    with pytest.raises(privacy.SecretMissing, match="differs"):
        backup.restore(published, tmp_path / "safe")
    monkeypatch.delenv("BASS_SECRET")
    with pytest.raises(privacy.SecretMissing, match="no site secret"):
        backup.restore(published, tmp_path / "safe")
    assert not published.root.exists()
    backup.restore(published, tmp_path / "whole")
    assert privacy.clear_value(published, "buyer_token", privacy.token(b"a secret of the tests", "buyer_token", "A"))


def test_a_backup_belongs_to_its_owner_and_never_lies_in_the_home(published: Home, tmp_path: Path) -> None:
    backup.back_up(published, tmp_path / "safe")
    modes = {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (tmp_path / "safe").rglob("*")}
    assert modes == {0}
    with pytest.raises(backup.BackupRefused, match="in the home itself"):
        backup.back_up(published, published.root / "backups")


def test_nobody_writes_while_a_backup_is_made(published: Home, tmp_path: Path) -> None:
    with ledger.writer_lock(published), pytest.raises(ledger.HomeBusy):
        backup.back_up(published, tmp_path / "safe")
    assert not (tmp_path / "safe").exists()


def test_an_interrupted_backup_is_no_backup(published: Home, tmp_path: Path) -> None:
    made = backup.back_up(published, tmp_path / "safe").folder
    made.rename(made.with_name(f".{made.name}"))
    with pytest.raises(backup.BackupRefused, match="holds no backup"):
        backup.restore(published, tmp_path / "safe", force=True)


def test_what_was_erased_stays_erased_over_a_restore(published: Home, tmp_path: Path) -> None:
    from orchestration import erasure, steps

    made = backup.back_up(published, tmp_path / "safe")
    with steps.writing(published):
        erasure.erase(published, values=[("buyer_token", "A")])
    backup.restore(published, tmp_path / "safe", force=True)
    token = privacy.token(b"a secret of the tests", "buyer_token", "A")
    assert privacy.clear_value(published, "buyer_token", token) is None
    assert json.loads((made.folder / "list.json").read_text())["landing"]
