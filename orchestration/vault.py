"""The vault: clear values behind tokens, sealed one by one; and the list of what must never come back.

One SQLite file of the owner. A value is sealed with AES-256-GCM under a key derived from the site secret and
bound to its token, so that neither the file nor a copy of it says anything without the secret. Who may look
in is decided above; nothing but this module reads or writes the file.
"""

from __future__ import annotations

import hmac
import os
import sqlite3
import struct
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager

import duckdb
import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from orchestration.settings import Home

BLOCK_ROWS = 50_000
NONCE = 12  # bytes, fresh for each value
SCHEMA = """
create table if not exists sealed (
    domain text not null, token integer not null, mark integer not null, box blob not null,
    primary key (domain, token)
) without rowid;
create table if not exists erased (
    domain text not null, mark integer not null, erased_at text not null, is_published integer not null default 0,
    primary key (domain, mark)
) without rowid;
"""
ERASED = pa.schema([("domain", pa.string()), ("mark", pa.int64())])


class VaultError(RuntimeError):
    """A vault that does not fit the secret, or two values that share a token."""


def token_and_mark(secret: bytes, domain: str, text: str) -> tuple[int, int]:
    """The first 64 bits of HMAC-SHA256 over `domain NUL value`, and the next 64: what tells values apart for sure."""
    return struct.unpack(">qq", hmac.digest(secret, f"{domain}\0{text}".encode(), "sha256")[:16])


def keep(connection: duckdb.DuckDBPyConnection, home: Home, secret: bytes) -> None:
    """Seals those values of temp table `token_map` (domain, token, mark, value) that the vault does not hold yet.

    Only new values cost a sealing; known ones are compared by their mark. Raises VaultError on a collision.
    """
    box = _box(secret)
    cursor = connection.execute(
        "select domain, token, mark, value from token_map where token is not null order by domain, token"
    )
    with _open(home) as vault, vault:
        vault.execute("create temp table batch (place integer primary key, domain text, token integer, mark integer)")
        while block := cursor.fetchmany(BLOCK_ROWS):
            _insert(vault, box, [block[place] for place in _unknown(vault, block)])


def value(home: Home, secret: bytes, domain: str, token: int) -> str | None:
    """The clear value behind one token, or None. Raises VaultError if the secret is not the one it was sealed with."""
    if not path_exists(home):
        return None
    with _open(home) as vault:
        row = vault.execute("select box from sealed where domain = ? and token = ?", (domain, token)).fetchone()
    return _unseal(_box(secret), domain, token, row[0]) if row else None


def values(home: Home, secret: bytes) -> Iterator[tuple[str, int, str]]:
    """Every (domain, token, clear value): for the owner's own checks, never for a log or a report."""
    if path_exists(home):
        box = _box(secret)
        with _open(home) as vault:
            for domain, token, sealed in vault.execute("select domain, token, box from sealed"):
                yield domain, token, _unseal(box, domain, token, sealed)


def marks(home: Home, domain: str, tokens: Iterable[int]) -> dict[int, int]:
    """token -> mark of those tokens that the vault holds."""
    if not path_exists(home):
        return {}
    with _open(home) as vault:
        found = (vault.execute("select token, mark from sealed where domain = ? and token = ?", (domain, token))
                 for token in tokens)
        return dict(row for cursor in found for row in cursor)


def erased(home: Home) -> pa.Table:
    """The (domain, mark) of everything erased: what `tokenise` gives no token."""
    rows = _rows(home, "select domain, mark from erased")
    return pa.table([[row[0] for row in rows], [row[1] for row in rows]], schema=ERASED)


def list_erased(home: Home, entries: Iterable[tuple[str, int]], now: str) -> None:
    """Puts (domain, mark) on the list. The list says that a value was erased, to those who know value and secret."""
    with _open(home) as vault, vault:
        vault.executemany("insert into erased values (?, ?, ?, 0) on conflict do update set is_published = 0",
                          [(domain, mark, now) for domain, mark in entries])


def destroy(home: Home) -> int:
    """Deletes the sealed values of everything on the list and overwrites their place; returns how many."""
    with _open(home) as vault, vault:
        return vault.execute("delete from sealed where (domain, mark) in (select domain, mark from erased)").rowcount


def has_unpublished_erasures(home: Home) -> bool:
    """Whether something was erased since the last published version."""
    return bool(_rows(home, "select 1 from erased where not is_published limit 1"))


def erasures_are_published(home: Home) -> None:
    with _open(home) as vault, vault:
        vault.execute("update erased set is_published = 1")


def seal_clear_values(home: Home, secret: bytes) -> int:
    """Seals what an older vault holds as clear text and overwrites its place; returns how many values."""
    if not path_exists(home) or not _rows(home, "select 1 from sqlite_master where name = 'token'"):
        return 0
    with _open(home) as vault:
        with vault:
            clear = vault.execute("select domain, token, value from token").fetchall()
            rows = [(domain, token, token_and_mark(secret, domain, text)[1], text) for domain, token, text in clear]
            _insert(vault, _box(secret), rows)
            vault.execute("drop table token")
        vault.execute("vacuum")
    return len(rows)


def path_exists(home: Home) -> bool:
    return (home.vault / "vault.sqlite").exists()


def _rows(home: Home, sql: str) -> list[tuple]:
    if not path_exists(home):
        return []
    with _open(home) as vault:
        return vault.execute(sql).fetchall()


@contextmanager
def _open(home: Home) -> Iterator[sqlite3.Connection]:
    """The vault, made for its owner alone when there is none; deleted rows are overwritten."""
    home.vault.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = home.vault / "vault.sqlite"
    if not path.exists():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    with closing(sqlite3.connect(path, timeout=30)) as vault:
        vault.execute("pragma secure_delete = on")
        vault.execute("pragma temp_store = memory")
        if vault.execute("select count(*) from sqlite_master where name in ('sealed', 'erased')").fetchone()[0] < 2:
            vault.executescript(SCHEMA)
        yield vault


def _unknown(vault: sqlite3.Connection, block: list[tuple]) -> list[int]:
    """Places in `block` of the values that the vault does not hold."""
    vault.execute("delete from batch")
    vault.executemany("insert into batch values (?, ?, ?, ?)",
                      ((place, domain, token, mark) for place, (domain, token, mark, _) in enumerate(block)))
    found = vault.execute("""
        select place, sealed.mark from batch left join sealed using (domain, token)
        where sealed.mark is null or sealed.mark <> batch.mark order by place""").fetchall()
    if any(mark is not None for _, mark in found):
        raise VaultError("two personal values share a token; change the site secret and rebuild")
    return [place for place, _ in found]


def _insert(vault: sqlite3.Connection, box: AESGCM, rows: list[tuple]) -> None:
    nonces = os.urandom(NONCE * len(rows))
    sealed = (
        (domain, token, mark, _seal(box, nonces[NONCE * place : NONCE * (place + 1)], domain, token, text))
        for place, (domain, token, mark, text) in enumerate(rows)
    )
    try:
        vault.executemany("insert into sealed values (?, ?, ?, ?)", sealed)
    except sqlite3.IntegrityError as error:
        raise VaultError("two personal values share a token; change the site secret and rebuild") from error


def _box(secret: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), length=32, salt=None, info=b"bass vault").derive(secret))


def _seal(box: AESGCM, nonce: bytes, domain: str, token: int, text: str) -> bytes:
    return nonce + box.encrypt(nonce, text.encode(), _name(domain, token))


def _unseal(box: AESGCM, domain: str, token: int, sealed: bytes) -> str:
    try:
        return box.decrypt(sealed[:NONCE], sealed[NONCE:], _name(domain, token)).decode()
    except InvalidTag:
        raise VaultError("the vault was sealed with another secret, or it is damaged") from None


def _name(domain: str, token: int) -> bytes:
    return f"{domain}\0{token}".encode()
