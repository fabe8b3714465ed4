"""Personal values stop here: tokens for the lake, clear values for the owner-only vault.

A token is the first 64 bits of HMAC-SHA256 under the site secret over `domain NUL value`, as a signed
big-endian integer. DuckDB computes it set-based, once per distinct value of a batch. Only this module
reads the secret; the vault is handed it for as long as it seals.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

import duckdb

from orchestration import settings, vault
from orchestration.atomic import replace_file
from orchestration.contracts import Contract
from orchestration.settings import Home

BLOCK = 64
_MISSING = "no site secret: set BASS_SECRET or BASS_SECRET_FILE, or put it into {path}"
CUSTOMER = "customer_id"  # column and erasure domain of customer numbers


class SecretMissing(RuntimeError):
    """No site secret, or another one than the home was built with."""


def ready(home: Home) -> None:
    """Called before anything is written: a new home gets a secret, an older vault is sealed. Raises SecretMissing."""
    vault.seal_clear_values(home, secret(home, create=True))


def prove(home: Home, mark: str, kept: bytes | None = None) -> None:
    """Raises SecretMissing unless the site secret, or the one `kept` where there is none, fits this check value."""
    found = _given(home) or kept
    if not found:
        raise SecretMissing(_MISSING.format(path=home.root / "secret"))
    if not hmac.compare_digest(mark.strip(), _mark(found)):
        raise SecretMissing("the site secret differs from the one that the backup was made with")


def _given(home: Home) -> bytes | None:
    path = home.root / "secret"
    try:
        found = settings.secret_from_environment()
        return path.read_bytes().strip() if found is None and path.exists() else found
    except OSError as error:
        raise SecretMissing(f"the site secret cannot be read: {error.strerror}: {error.filename}") from None


def secret(home: Home, create: bool = False) -> bytes:
    """The site secret. `create` makes one for a new home. Raises SecretMissing otherwise."""
    found, path = _given(home), home.root / "secret"
    is_new = not (vault.path_exists(home) or _check_path(home).exists() or home.raw.exists())
    if found is None and create and is_new:
        found = secrets.token_hex(32).encode()
        _write_for_owner(path, found)
    if not found:
        raise SecretMissing(_MISSING.format(path=path))
    _same_secret_as_before(home, found)
    return found


def _same_secret_as_before(home: Home, found: bytes) -> None:
    """A home remembers a keyed check value, so that two secrets are never mixed in one lake."""
    mark, path = _mark(found), _check_path(home)
    if path.exists():
        if not hmac.compare_digest(path.read_text().strip(), mark):
            raise SecretMissing(f"the site secret differs from the one this home was built with ({path})")
        return
    home.vault.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write_for_owner(path, mark.encode())


def _write_for_owner(path: Path, data: bytes) -> None:
    def write(target: Path) -> None:
        with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
            handle.write(data)

    replace_file(path, write)


def _mark(found: bytes) -> str:
    return hmac.digest(found, b"bass secret check", "sha256").hex()[:16]


def _check_path(home: Home) -> Path:
    return home.vault / "secret.check"


def token(key: bytes, domain: str, value: str) -> int:
    """The token of one value, for look-ups and tests; the same number that `tokenise` computes."""
    return vault.token_and_mark(key, domain, value)[0]


def protect(home: Home, contract: Contract, connection: duckdb.DuckDBPyConnection) -> None:
    """Makes temp table `token_map` for the personal values of `incoming` and keeps them in the vault.

    Rows of an erased customer lose their personal values here, an erased value gets no token.
    """
    key, erased = secret(home), vault.erased(home)
    connection.register("erased_marks", erased)
    connection.execute("create or replace temp table erased as select * from erased_marks")
    connection.unregister("erased_marks")
    names = {column.name for column in contract.columns}
    if CUSTOMER in names and CUSTOMER in erased["domain"].to_pylist():
        tokenise(connection, "incoming", {CUSTOMER: CUSTOMER}, key)
        nothing = ", ".join(f"{column.name} = null" for column in contract.personal)
        connection.execute(f"update incoming set {nothing} where {CUSTOMER} in"
                           " (select value from token_map where token is null)")
    tokenise(connection, "incoming", {column.name: column.token_domain for column in contract.personal}, key)
    vault.keep(connection, home, key)


def tokenise(connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], key: bytes) -> None:
    """Makes temp table `token_map` (domain, value, token, mark) of the distinct values in `columns` of `table`.

    `columns`: column name -> token domain. No token for what temp table `erased` (domain, mark) lists. The secret
    reaches DuckDB as a bound parameter only.
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
        numbers as (select domain, value, {_signed(1)} as token, {_signed(17)} as mark from digest)
        select domain, value, case when erased.mark is null then token end as token, numbers.mark
        from numbers left join erased using (domain, mark)
        """,
        {"inner": inner, "outer": outer},
    )


def _signed(first: int) -> str:
    """16 hexadecimal digits of `hex` from place `first` on, as a signed big-endian 64-bit integer."""
    high, low = (f"cast('0x' || substr(hex, {place}, 8) as bigint)" for place in (first, first + 8))
    return (f"cast(({high} - case when {high} >= 2147483648 then 4294967296 else 0 end) * 4294967296::hugeint"
            f" + {low} as bigint)")


def clear_value(home: Home, domain: str, number: int) -> str | None:
    """The clear value behind a token; only for the owner of vault and secret."""
    return vault.value(home, secret(home), domain, number)
