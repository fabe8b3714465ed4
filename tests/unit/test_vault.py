"""The vault: sealed values, one by one; a wrong secret, a changed box and a collision are told, never passed over."""

import sqlite3
from pathlib import Path

import duckdb
import pytest

from orchestration import privacy, settings, vault
from orchestration.settings import Home

SECRET = b"a secret for tests"
NUMBERS = [f"1380000{n:04d}" for n in range(500)]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("BASS_SECRET", SECRET.decode())
    return settings.home(tmp_path)


def keep(home: Home, values: list[str], domain: str = "msisdn") -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.register("erased", vault.erased(home))
    connection.execute("create table incoming as select unnest($values) as number", {"values": values})
    privacy.tokenise(connection, "incoming", {"number": domain}, SECRET)
    vault.keep(connection, home, SECRET)
    return connection


def sealed(home: Home) -> list[tuple]:
    with sqlite3.connect(home.vault / "vault.sqlite") as vault_:
        return vault_.execute("select domain, token, mark, box from sealed order by 1, 2").fetchall()


def test_every_value_comes_back_by_its_token_and_stands_nowhere_in_the_file(home: Home) -> None:
    keep(home, NUMBERS)
    assert sorted(text for _, _, text in vault.values(home, SECRET)) == NUMBERS
    assert privacy.clear_value(home, "msisdn", privacy.token(SECRET, "msisdn", NUMBERS[7])) == NUMBERS[7]
    assert privacy.clear_value(home, "name", privacy.token(SECRET, "msisdn", NUMBERS[7])) is None
    data = (home.vault / "vault.sqlite").read_bytes()
    assert not any(number.encode() in data for number in NUMBERS)


def test_duckdb_and_python_agree_on_token_and_mark(home: Home) -> None:
    rows = keep(home, NUMBERS).execute("select value, token, mark from token_map").fetchall()
    assert {row[0]: row[1:] for row in rows} == {n: vault.token_and_mark(SECRET, "msisdn", n) for n in NUMBERS}


def test_a_known_value_is_not_sealed_again(home: Home) -> None:
    keep(home, NUMBERS[:400])
    before = sealed(home)
    keep(home, NUMBERS)
    assert len(sealed(home)) == 500 and set(before) <= set(sealed(home))


def test_with_another_secret_the_vault_stays_shut(home: Home) -> None:
    keep(home, NUMBERS[:1])
    token = privacy.token(SECRET, "msisdn", NUMBERS[0])
    with pytest.raises(vault.VaultError, match="another secret"):
        vault.value(home, b"another", "msisdn", token)


def test_a_box_put_under_another_token_does_not_open(home: Home) -> None:
    keep(home, NUMBERS[:2])
    (_, first, _, _), (_, _, _, box) = sealed(home)
    with sqlite3.connect(home.vault / "vault.sqlite") as vault_:
        vault_.execute("update sealed set box = ? where token = ?", (box, first))
    with pytest.raises(vault.VaultError):
        vault.value(home, SECRET, "msisdn", first)


def test_two_values_of_one_token_are_refused(home: Home) -> None:
    keep(home, NUMBERS[:1])
    with sqlite3.connect(home.vault / "vault.sqlite") as vault_:
        vault_.execute("update sealed set mark = mark + 1")
    with pytest.raises(vault.VaultError, match="share a token"):
        keep(home, NUMBERS[:1])


def test_an_older_vault_of_clear_text_is_sealed_before_anything_is_written(home: Home) -> None:
    home.vault.mkdir(parents=True)
    with sqlite3.connect(home.vault / "vault.sqlite") as old:
        old.execute("create table token (domain text, token integer, value text, primary key (domain, token))")
        old.executemany("insert into token values ('msisdn', ?, ?)",
                        [(privacy.token(SECRET, "msisdn", number), number) for number in NUMBERS])
    assert NUMBERS[7].encode() in (home.vault / "vault.sqlite").read_bytes()
    privacy.ready(home)
    data = (home.vault / "vault.sqlite").read_bytes()
    assert not any(number.encode() in data for number in NUMBERS)
    assert sorted(text for _, _, text in vault.values(home, SECRET)) == NUMBERS
    keep(home, NUMBERS)
    assert len(sealed(home)) == 500


def test_a_destroyed_value_leaves_no_byte_and_gets_no_token_again(home: Home) -> None:
    keep(home, NUMBERS)
    token, mark = vault.token_and_mark(SECRET, "msisdn", NUMBERS[3])
    (box,) = [row[3] for row in sealed(home) if row[1] == token]
    vault.list_erased(home, [("msisdn", mark)], "2026-11-22")
    assert vault.destroy(home) == 1
    assert box not in (home.vault / "vault.sqlite").read_bytes()
    assert privacy.clear_value(home, "msisdn", token) is None
    rows = keep(home, NUMBERS).execute("select value from token_map where token is null").fetchall()
    assert rows == [(NUMBERS[3],)] and len(sealed(home)) == 499
