"""Whole runs: settle the landing folder, and if there is anything new make the assets that follow from it.

The same Dagster job as in the web interface runs here in process, so that both show the same runs.
Dagster, dbt and Great Expectations are imported only when there is something to do.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from orchestration import contracts, publish, settings, steps
from orchestration.publish import Version
from orchestration.settings import Home

DAGSTER_YAML = """\
telemetry: {{enabled: false}}
compute_logs: {{module: dagster._core.storage.noop_compute_log_manager, class: NoOpComputeLogManager}}
event_log_storage:
  module: orchestration.assets.event_log
  class: EventLog
  config: {{base_dir: {folder}}}
"""


class LandingInUse(RuntimeError):
    """The landing folder holds files that are not ours to mix with."""


@dataclass(frozen=True)
class SampleSize:
    """What decides the sample; two homes with equal sizes hold equal files."""

    subscribers: int
    months: int
    seed: int

    @property
    def start(self) -> date:
        """January 2026, or earlier by as many months as end the sample in March 2026: files of the future wait."""
        year, month = divmod(2026 * 12 + min(0, 3 - self.months), 12)
        return date(year, month + 1, 1)


def run(home: Home, say: steps.Say = steps.silent) -> Version | None:
    """Lands, builds and publishes what is new. None when nothing is. Raises what the failing step raised."""
    with steps.writing(home):
        say("settle", "looking at the landing folder")
        stale = steps.settle(home, say)
        if steps.is_idle(home, stale):
            return None
        _materialise(home, stale, say)
        return publish.published_version(home)


def rebuild(home: Home, say: steps.Say = steps.silent) -> tuple[Version | None, Version]:
    """Makes lake and warehouse again from the raw files; returns the published version before and after."""
    with steps.writing(home):
        before = publish.published_version(home)
        steps.forget(home)
        return before, run(home, say)


def sample(home: Home, size: SampleSize, say: steps.Say = steps.silent) -> None:
    """Writes the files of the sample operator into an empty landing folder. Raises LandingInUse."""
    with steps.writing(home):
        mark, said = home.root / "sample.json", {**asdict(size), "start": str(size.start), "landing": str(home.landing)}
        known = json.loads(mark.read_text()) if mark.exists() else None
        if known == said | {"complete": True}:
            say("sample", "is in the landing folder already")
            return
        if known and known == said | {"complete": False}:
            shutil.rmtree(home.landing, ignore_errors=True)  # a sample of ours that was interrupted
        elif home.landing.exists() and any(home.landing.iterdir()):
            raise LandingInUse(f"{home.landing} holds other files: use --home with a new folder, or empty it first")
        from orchestration.sample_operator import write_sample

        mark.write_text(json.dumps(said | {"complete": False}))
        write_sample(
            home.landing, home.root / "truth", contracts=contracts.load_all(home.contracts),
            subscribers=size.subscribers, months=size.months, seed=size.seed, start=size.start,
            progress=lambda text: say("sample", text),
        )
        mark.write_text(json.dumps(said | {"complete": True}))


def _materialise(home: Home, stale: dict[str, list[date]], say: steps.Say) -> None:
    say("start", "loading Dagster and dbt")
    settings.keep_quiet()
    import dagster as dg

    from orchestration import definitions, schedules
    from orchestration.assets import event_log

    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", str(event_log.BATCH_SIZE))
    job = definitions.assemble(home, say).resolve_job_def(schedules.JOB)
    built = [key for key in job.asset_layer.executable_asset_keys if key.path[0] != "raw"]
    with instance(home) as running:
        try:
            job.execute_in_process(
                instance=running,
                asset_selection=schedules.selection(stale, built),
                tags=schedules.range_tags(stale),
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )
        except dg.DagsterExecutionInterruptedError as error:
            raise KeyboardInterrupt from error
        except (dg.Failure, dg.DagsterError) as error:
            if type(error) is not dg.Failure and not publish.problems(home):
                raise
            raise publish.refusal(home) from error


def instance(home: Home) -> Any:
    """The home's Dagster instance: DAGSTER_HOME for `dagster dev`, made on first use."""
    import dagster as dg

    folder: Path = home.dagster
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dagster.yaml").write_text(DAGSTER_YAML.format(folder=json.dumps(str(folder / "history"))))
    return dg.DagsterInstance.from_config(str(folder))
