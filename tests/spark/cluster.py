"""A Spark standalone cluster on loopback: one master and two workers of one core each, stopped when the ring is done.

`BASS_SPARK_MASTER` of a build points the dbt project at it. Knows nothing of what runs on it.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

WORKERS = 2
STARTUP_S = 90
STOP_S = 10
# Java as it is quickest for hundreds of small queries: the optimising compiler takes longer than it saves. Executors
# inherit this from their worker.
JAVA = {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}


@contextmanager
def standalone(folder: Path) -> Iterator[str]:
    """The address of a running cluster; logs and work folders are below `folder`."""
    with ExitStack() as stack:
        master = stack.enter_context(_daemon(folder / "master", "master.Master", "--port", "0", "--webui-port", "0"))
        address = _said(master, r"Starting Spark master at (spark://\S+)")
        for number in range(WORKERS):
            place = folder / f"worker{number}"
            worker = stack.enter_context(_daemon(place, "worker.Worker", address, "--cores", "1", "--memory", "2g",
                                                 "--webui-port", "0", "--work-dir", str(place / "work")))
            _said(worker, r"(Successfully registered) with master")
        yield address


@contextmanager
def _daemon(folder: Path, name: str, *arguments: str) -> Iterator[Path]:
    """One process of the cluster; yields its log."""
    import pyspark

    home = Path(pyspark.__file__).parent
    folder.mkdir(parents=True)
    log = folder / "log"
    command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", "--host", "127.0.0.1", *arguments]
    environment = os.environ | JAVA | {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1",
                                       "SPARK_DAEMON_MEMORY": "512m"}
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=folder, env=environment)
    try:
        yield log
    finally:
        process.terminate()
        try:
            process.wait(timeout=STOP_S)  # SIGTERM may be ignored: children inherit that
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _said(log: Path, pattern: str) -> str:
    """What a daemon says once it is up; an error with its log when it does not come up."""
    until = time.monotonic() + STARTUP_S
    while time.monotonic() < until:
        if found := re.search(pattern, log.read_text(errors="replace")):
            return found.group(1)
        time.sleep(0.2)
    raise RuntimeError(f"{log} never said {pattern!r}:\n{log.read_text(errors='replace')[-2000:]}")
