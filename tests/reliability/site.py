"""A small site cut out of the real one: some feeds with their contracts and some days of the finished home's
files, the models that lead to usage records, and a few tests. What is built is real, and built in seconds,
so that it can be killed and built again hundreds of times.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from orchestration import contracts, landing, settings
from orchestration.settings import Home

MODELS = ("fct_usage_event", "fct_usage_day", "mart_churn_model_card")  # and all that they are made of
# What the analysis needs to have work: features of the month so far, and outcomes that nobody knows yet.
FEATURE = """-- One row per subscription and month.
select subscription_id, cast(date_trunc('month', event_date) as date) as as_of_month, count(*) as record_count,
    cast(1 as integer) as tenure_months, cast(sum(record_count) as decimal(18, 2)) as mean_bill_amt
from {{ ref('fct_usage_day') }} group by all
"""
LABEL = """-- One row per subscription and month.
select subscription_id, as_of_month, cast(null as boolean) as is_left, '?' as churn_kind_code,
    as_of_month as label_from, as_of_month as label_to
from {{ ref('feature_churn_month') }}
"""
MORE_FEEDS = ("billing__order", "billing__payment", "call_center__ticket", "network__measurement")
LAST_FIRST_DAY, NEXT_DAY = date(2026, 1, 2), date(2026, 1, 3)
OFTEN = re.compile(r"_\d{8}1[01]00_|\.1[01]00\+0800-")  # which of the files that come each quarter of an hour
REF = re.compile(r"ref\('(\w+)'\)")
SOURCE = re.compile(r"source\('(\w+)', *'(\w+)'\)")


@dataclass(frozen=True)
class Site:
    """Where the models, seeds and contracts of the small site are; its homes may be many."""

    folder: Path

    @property
    def project(self) -> Path:
        return self.folder / "dbt_project"

    @property
    def seeds(self) -> Path:
        return self.folder / "seeds"

    @property
    def contracts(self) -> Path:
        return self.folder / "data_contracts"

    @property
    def later(self) -> list[Path]:
        """Landing folders of the days that follow. The first also has a late file and a version 2 with fewer rows."""
        return sorted((self.folder / "later").iterdir())

    def home(self, name: str) -> Home:
        root = self.folder / "homes" / name
        return Home(root=root, contracts=self.contracts, landing=root / "landing", lake=root / "lake")


def cut(folder: Path, finished: Home) -> Site:
    """Makes the site; its home `new` has the files of the first days and nothing else."""
    site, sources = Site(folder), set(MORE_FEEDS)
    names = set(_upstream(MODELS))
    texts = {path.stem: path for path in (settings.DBT_PROJECT / "models").rglob("*.sql")}
    for name in names & texts.keys():
        _copy(texts[name], settings.DBT_PROJECT, site.project)
        sources |= {f"{family}__{feed}" for family, feed in SOURCE.findall(texts[name].read_text())}
    for name in ("dbt_project.yml", "profiles.yml"):
        _copy(settings.DBT_PROJECT / name, settings.DBT_PROJECT, site.project)
    for name in ("macros", "tests/generic"):
        shutil.copytree(settings.DBT_PROJECT / name, site.project / name)
    for path in settings.SEEDS.rglob("*.csv"):
        if path.stem in names or path.stem == "parameters":
            _copy(path, settings.SEEDS, site.seeds)
    for path in [*settings.DBT_PROJECT.rglob("models/**/*.yml"), *settings.SEEDS.rglob("*.yml")]:
        _copy_properties(path, site, names, sources)
    for path in finished.contracts.rglob("*.yaml"):
        if f"{path.parent.name}__{path.name.partition('.')[0]}" in sources:
            _copy(path, finished.contracts, site.contracts)
    _add_features(site)
    _share_out(finished, site)
    return site


def _add_features(site: Site) -> None:
    folder = site.project / "models" / "features"
    folder.mkdir(parents=True)
    (folder / "feature_churn_month.sql").write_text(FEATURE)
    (folder / "feature_churn_label.sql").write_text(LABEL)
    (site.seeds / "churn_features.csv").write_text("feature_name,reason_family_code\nrecord_count,usage\n")


def _upstream(names: Iterable[str]) -> Iterator[str]:
    """Models and seeds that these are made of, themselves included."""
    texts = {path.stem: path.read_text() for path in (settings.DBT_PROJECT / "models").rglob("*.sql")}
    macros = {path.stem: path.read_text() for path in (settings.DBT_PROJECT / "macros").rglob("*.sql")}
    seen, waiting = set(), list(names)
    while waiting:
        if (name := waiting.pop()) not in seen:
            seen.add(name)
            text = texts.get(name, "")
            waiting += REF.findall(text)
            waiting += [ref for macro, body in macros.items() if f"{macro}(" in text for ref in REF.findall(body)]
    return iter(seen)


def _copy(path: Path, root: Path, target: Path) -> None:
    to = target / path.relative_to(root)
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, to)


def _copy_properties(path: Path, site: Site, names: set[str], sources: set[str]) -> None:
    """The file's entries of what the site has, with few tests: most of the time of a build goes into tests."""
    said = yaml.safe_load(path.read_text())
    for kind in ("models", "seeds"):
        said[kind] = [_few_tests(entry) for entry in said.get(kind) or [] if entry["name"] in names]
    for source in said.get("sources") or []:
        if (family := source["name"]) not in ("ops", "analytics"):
            source["tables"] = [table for table in source["tables"] if f"{family}__{table['name']}" in sources]
    kept = {key: value for key, value in said.items() if key in ("version", "models", "seeds", "sources") and value}
    if len(kept) > 1:
        is_seed = path.is_relative_to(settings.SEEDS)
        inside = path.relative_to(settings.SEEDS if is_seed else settings.DBT_PROJECT)
        to = (site.seeds if is_seed else site.project) / inside
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(yaml.safe_dump(kept, allow_unicode=True, sort_keys=False))


def _few_tests(entry: dict) -> dict:
    is_asked_for = entry["name"] in MODELS
    for part in (entry, *entry.get("columns", [])):
        part.pop("description", None)
        if tests := part.pop("data_tests", None):
            part["data_tests"] = [test for test in tests if _is_of_keys(test)] if is_asked_for else []
    return entry


def _is_of_keys(test: str | dict) -> bool:
    return test in ("unique", "not_null") or "never_null" in test


def _share_out(finished: Home, site: Site) -> None:
    """The first days' files into home `new`, those of the days after into `later`."""
    known, new = contracts.load_all(site.contracts), site.home("new")
    for path in sorted(path for path in finished.landing.rglob("*") if path.is_file()):
        named = landing.name_parts(path.name, known)
        if isinstance(named, str):
            continue
        day = date.fromisoformat(named["file_date"])
        often = known[named["contract_id"]].frequency == "15 minute"
        if often and not OFTEN.search(path.name):
            continue
        is_late = named["contract_id"] == "billing__rated_voice" and "202601021100" in path.name
        if is_late or day > LAST_FIRST_DAY:
            _copy(path, finished.landing, site.folder / "later" / str(NEXT_DAY if is_late else day))
        else:
            _copy(path, finished.landing, new.landing)
    ticket = next(new.landing.rglob("ticket_20260102_v1.json"))
    fewer = site.later[0] / ticket.relative_to(new.landing).with_name("ticket_20260102_v2.json")
    fewer.parent.mkdir(parents=True, exist_ok=True)
    fewer.write_text(json.dumps(json.loads(ticket.read_text())[:-1], ensure_ascii=False))
