"""Personal values stop here: tokens for the lake, clear values for the owner-only vault.

A token is the first 64 bits of HMAC-SHA256 under the site secret over `domain NUL value`, as a signed
big-endian integer. DuckDB computes it set-based, once per distinct value of a batch. No other module
may see the secret or write to the vault.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import sqlite3
import struct
from pathlib import Path

import duckdb

from orchestration import settings
from orchestration.settings import Home

BLOCK = 64
VAULT_SCHEMA = """
create table if not exists token (
    domain text not null, token integer not null, value text not null,
    primary key (domain, token)
) without rowid;
"""


class SecretMissing(RuntimeError):
    """No site secret, or another one than the home was built with."""


def secret(home: Home, create: bool = False) -> bytes:
    """The site secret. `create` makes one for a new home. Raises SecretMissing otherwise."""
    found, path = settings.secret_from_environment(), home.root / "secret"
    if found is None and path.exists():
        found = path.read_bytes().strip()
    if found is None and create and not (home.vault / "vault.sqlite").exists():
        home.root.mkdir(parents=True, exist_ok=True)
        found = secrets.token_hex(32).encode()
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(found)
    if not found:
        raise SecretMissing(f"no site secret: set BASS_SECRET or BASS_SECRET_FILE, or put it into {path}")
    _same_secret_as_before(home, found)
    return found


def _same_secret_as_before(home: Home, found: bytes) -> None:
    """A home remembers a keyed check value, so that two secrets are never mixed in one lake."""
    mark, path = hmac.digest(found, b"bass secret check", "sha256").hex()[:16], home.vault / "secret.check"
    if path.exists():
        if not hmac.compare_digest(path.read_text().strip(), mark):
            raise SecretMissing(f"the site secret differs from the one this home was built with ({path})")
        return
    home.vault.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(mark)


def token(key: bytes, domain: str, value: str) -> int:
    """The token of one value, for look-ups and tests; the same number that `tokenise` computes."""
    digest = hmac.digest(key, f"{domain}\0{value}".encode(), "sha256")
    return struct.unpack(">q", digest[:8])[0]


def tokenise(connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], key: bytes) -> None:
    """Makes temp table `token_map` (domain, value, token) of the distinct values in `columns` of `table`.

    `columns`: column name -> token domain. The secret reaches DuckDB as a bound parameter only.
    """
    values = " union ".join(
        f"select distinct '{domain}' as domain, {column} as value from {table} where {column} is not null"
        for column, domain in columns.items()
    )
    padded = (hashlib.sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    inner, outer = bytes(b ^ 0x36 for b in padded), bytes(b ^ 0x5C for b in padded)
    connection.execute(
        f"""
        create or replace temp table token_map as
        with clear as ({values}),
        message as (select domain, value, encode(domain) || '\\x00'::blob || encode(value) as text from clear),
        digest as (
            select domain, value, sha256($outer::blob || unhex(sha256($inner::blob || text))) as hex from message
        ),
        halves as (
            select domain, value, cast('0x' || substr(hex, 1, 8) as bigint) as high,
                cast('0x' || substr(hex, 9, 8) as bigint) as low
            from digest
        )
        select domain, value,
            cast((high - case when high >= 2147483648 then 4294967296 else 0 end) * 4294967296::hugeint + low as bigint)
            as token
        from halves
        """,
        {"inner": inner, "outer": outer},
    )


def keep(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Adds the values of `token_map` to the vault. Raises RuntimeError if two values share a token."""
    home.vault.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = home.vault / "vault.sqlite"
    if not path.exists():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    vault = sqlite3.connect(path, timeout=30)
    try:
        with vault:
            vault.executescript(VAULT_SCHEMA)
            cursor = connection.execute("select domain, token, value from token_map order by domain, token")
            while block := cursor.fetchmany(50_000):
                vault.executemany(
                    "insert into token values (?, ?, ?) on conflict do update set value = "
                    "case when value = excluded.value then value end",  # null breaks NOT NULL: a collision
                    block,
                )
    except sqlite3.IntegrityError as error:
        raise RuntimeError("two personal values share a token; change the site secret and rebuild") from error
    finally:
        vault.close()


def clear_value(home: Home, domain: str, number: int) -> str | None:
    """The clear value behind a token; only for the owner of the vault."""
    path = Path(home.vault / "vault.sqlite")
    if not path.exists():
        return None
    vault = sqlite3.connect(path)
    try:
        row = vault.execute("select value from token where domain = ? and token = ?", (domain, number)).fetchone()
    finally:
        vault.close()
    return row[0] if row else None
