"""Where things are and which secret is in force: the only module that reads the environment.

Holds no logic of the product. Every other module is handed a `Home` (or a path from it).
"""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
DBT_PROJECT = REPO / "dbt_project"
SEEDS = REPO / "seeds"
# Themes that a site may leave out; customers, usage and revenue are what the others count on.
OPTIONAL_THEMES = ("competition", "key_accounts", "marketing", "new_services", "partners", "service_quality")

# No tool may call out, on an air-gapped site least of all. Set before any of them is imported.
QUIET = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "DAGSTER_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}


@dataclass(frozen=True)
class Home:
    """The folders of one warehouse. `BASS_HOME` holds all of them; each can be pointed elsewhere."""

    root: Path
    contracts: Path
    landing: Path
    lake: Path

    @property
    def raw(self) -> Path:
        return self.lake / "raw"

    @property
    def rejects(self) -> Path:
        return self.lake / "rejects"

    @property
    def ops(self) -> Path:
        """Parquet copies of the ledger and of check results, for the schema `ops`."""
        return self.lake / "ops"

    @property
    def estimates(self) -> Path:
        """What the analyses estimated, by table and as-of month; made again from features."""
        return self.lake / "analytics"

    @property
    def ledger(self) -> Path:
        return self.root / "ledger.sqlite"

    @property
    def vault(self) -> Path:
        return self.root / "vault"

    @property
    def closed(self) -> Path:
        """Figures of closed periods, as published: part of the record, not a cache. A backup must hold it."""
        return self.root / "closed"

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def warehouse(self) -> Path:
        """The file name is the published one's: a DuckDB view names its database, which is the file name."""
        return self.work / "bass.duckdb"

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def published_database(self) -> Path:
        return self.published / "bass.duckdb"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"


def home(root: str | Path | None = None, contracts: str | Path | None = None) -> Home:
    """The home in force: arguments win over the environment, the environment over the defaults."""
    base = Path(root or os.environ.get("BASS_HOME") or REPO / "home").resolve()
    return Home(
        root=base,
        contracts=Path(contracts or os.environ.get("BASS_CONTRACTS") or REPO / "data_contracts").resolve(),
        landing=Path(os.environ.get("BASS_LANDING") or base / "landing").resolve(),
        lake=Path(os.environ.get("BASS_LAKE") or base / "lake").resolve(),
    )


def secret_from_environment() -> bytes | None:
    """The site secret for tokens, from `BASS_SECRET` or the file named by `BASS_SECRET_FILE`."""
    if text := os.environ.get("BASS_SECRET"):
        return text.encode()
    if path := os.environ.get("BASS_SECRET_FILE"):
        return Path(path).read_bytes().strip()
    return None


def memory_limit() -> str:
    """Memory that one DuckDB of ours may use, as DuckDB writes it (`BASS_MEMORY_LIMIT`; half of what there is).

    What does not fit spills to disk, but a window or a distinct count over a year needs some of it at once.
    """
    return os.environ.get("BASS_MEMORY_LIMIT") or f"{_memory() // 2_000_000}MB"


def _memory() -> int:
    """Bytes of memory of this machine or, when it is less, of the control group that it runs in."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(physical, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    except (OSError, ValueError):  # no control group, or "max": no limit
        return physical


def ingest_memory_limit() -> str:
    """Memory for the DuckDB of one ingest; what does not fit spills to disk (`BASS_INGEST_MEMORY_LIMIT`)."""
    return os.environ.get("BASS_INGEST_MEMORY_LIMIT", "500MB")


def threads() -> int:
    return int(os.environ.get("BASS_THREADS") or os.cpu_count() or 1)


def themes_off() -> str:
    """Analysis themes that this site does not build, commas between (`BASS_THEMES_OFF`, none by default).

    Raises ValueError for a name that is no theme, and for the three that the others count on.
    """
    off = sorted({name.strip() for name in os.environ.get("BASS_THEMES_OFF", "").split(",") if name.strip()})
    if wrong := [name for name in off if name not in OPTIONAL_THEMES]:
        raise ValueError(f"BASS_THEMES_OFF: {', '.join(wrong)} cannot be off; {', '.join(OPTIONAL_THEMES)} can")
    return ",".join(off)


def kept_versions() -> int:
    """How many published versions stay beside the current one (`BASS_KEEP_VERSIONS`)."""
    return int(os.environ.get("BASS_KEEP_VERSIONS", "2"))


def umask() -> int:
    """What others may not do with the files of a home, in octal (`BASS_UMASK`; 077: only the owner has access)."""
    return int(os.environ.get("BASS_UMASK", "077"), 8)


def user() -> str:
    """Who types the command, for the record of closed periods."""
    return getpass.getuser()


def debug() -> bool:
    """Whether failures show where in the code they happened (`BASS_DEBUG`)."""
    return bool(os.environ.get("BASS_DEBUG"))


def keep_quiet() -> None:
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
