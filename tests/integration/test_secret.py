"""The site secret: without the right one nothing is written, and what is written never shows it."""

import hashlib
import stat
from pathlib import Path

import duckdb
import pytest

from orchestration import backup, erasure, ingest, pipeline, privacy, settings, steps, vault
from orchestration.settings import Home

SECRET = "a secret of the tests"


def erase(home: Home) -> None:
    with steps.writing(home):
        erasure.erase(home, values=[("buyer_token", "A")])


COMMANDS = [pipeline.run, pipeline.rebuild, steps.settle, steps.build, steps.release, steps.forget, erase,
            lambda home: backup.back_up(home, home.root.parent / "safe")]


def state(home: Home) -> dict[str, tuple[str, int]]:
    """Bytes and time of every file but the lock."""
    files = (path for path in home.root.rglob("*") if path.is_file() and path.name != "bass.lock")
    return {str(path): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns) for path in files}


@pytest.mark.parametrize("given", ["another", "", None], ids=["wrong", "empty", "missing"])
def test_without_the_right_secret_no_command_changes_a_byte(published: Home, monkeypatch, given: str | None) -> None:
    before = state(published)
    monkeypatch.setenv("BASS_SECRET", given) if given is not None else monkeypatch.delenv("BASS_SECRET")
    for command in COMMANDS:
        with pytest.raises(privacy.SecretMissing) as refused:
            command(published)
        assert SECRET not in str(refused.value) and "another'" not in str(refused.value)
    assert state(published) == before and not (published.root.parent / "safe").exists()


def test_a_secret_file_that_is_not_there_is_told_by_its_name(published: Home, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delenv("BASS_SECRET")
    monkeypatch.setenv("BASS_SECRET_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(privacy.SecretMissing, match="nowhere"):
        pipeline.run(published)


def test_the_secret_may_come_from_a_file(published: Home, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delenv("BASS_SECRET")
    (tmp_path / "site").write_text(f"{SECRET}\n")
    monkeypatch.setenv("BASS_SECRET_FILE", str(tmp_path / "site"))
    assert privacy.secret(published) == SECRET.encode()


def test_a_lake_without_its_vault_and_secret_gets_no_new_secret(published: Home, monkeypatch) -> None:
    import shutil

    shutil.rmtree(published.vault)
    monkeypatch.delenv("BASS_SECRET")
    with pytest.raises(privacy.SecretMissing, match="no site secret"):
        pipeline.run(published)
    assert not (published.root / "secret").exists()


def test_no_file_of_a_home_holds_the_secret(published: Home) -> None:
    forms = (SECRET.encode(), SECRET.encode().hex().encode(), *_pads())
    files = [path for path in published.root.rglob("*") if path.is_file()]
    assert len(files) > 20
    assert [path for path in files for form in forms if form in path.read_bytes()] == []


def test_what_duckdb_logs_of_a_tokenisation_shows_neither_secret_nor_keys(published: Home) -> None:
    with duckdb.connect() as connection:
        connection.execute("call enable_logging(level = 'trace')")
        connection.register("erased", vault.erased(published))
        connection.execute("create table incoming as select '13800000001' as number")
        privacy.tokenise(connection, "incoming", {"number": "msisdn"}, SECRET.encode())
        logged = "\n".join(str(row) for row in connection.execute("from duckdb_logs()").fetchall())
        assert "token_map" in logged and SECRET not in logged and "13800000001" in logged
        for pad in _pads():
            assert pad.hex() not in logged.lower() and str(duckdb.execute("select $1::blob::varchar", [pad])
                                                           .fetchone()[0]) not in logged


def test_files_belong_to_their_owner_and_only_what_is_published_is_open(published: Home) -> None:
    def is_open(path: Path) -> bool:
        return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)

    mine = [path for path in published.root.rglob("*") if published.landing not in (path, *path.parents)]
    assert {path.relative_to(published.root).parts[0] for path in mine if is_open(path)} == {"published"}
    assert stat.S_IMODE(published.published_database.stat().st_mode) == 0o644
    assert stat.S_IMODE(published.root.stat().st_mode) == 0o755


def test_what_an_ingest_spills_cannot_be_read_and_goes_with_the_next_one(
    published: Home, monkeypatch
) -> None:
    from orchestration import contracts

    monkeypatch.setenv("BASS_INGEST_MEMORY_LIMIT", "40MB")
    (contract,) = contracts.load_all(published.contracts).values()
    spill = published.work / "spill"
    with ingest._connection(published, contract) as connection:
        connection.execute("create temp table incoming as select '13800000001' || md5(i::varchar) as n,"
                           " md5((i + 1)::varchar) as m from range(1000000) as r(i)")
        spilled = [path.read_bytes() for path in spill.iterdir()]
        assert sum(map(len, spilled)) > 1_000_000 and not any(b"13800000001" in data for data in spilled)
        assert connection.execute("select count(distinct n) from incoming").fetchone() == (1_000_000,)
    (spill / "left_by_a_kill.tmp").write_text("13800000001")
    ingest._connection(published, contract).close()
    assert list(spill.iterdir()) == []


def _pads() -> tuple[bytes, bytes]:
    padded = SECRET.encode().ljust(64, b"\0")
    return bytes(b ^ 0x36 for b in padded), bytes(b ^ 0x5C for b in padded)


def test_the_group_may_be_let_in(monkeypatch, published: Home) -> None:
    monkeypatch.setenv("BASS_UMASK", "027")
    assert settings.umask() == 0o027
    with steps.writing(published):
        (published.lake / "shared").mkdir()
    assert stat.S_IMODE((published.lake / "shared").stat().st_mode) == 0o750
