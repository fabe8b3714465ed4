"""Where Dagster keeps its events: its own SQLite storage, writing one transaction per batch.

Dagster's storage opens and closes the file, and so syncs to disk, several times per event, and a range
of days makes one event per feed and day: a first load took a minute for events alone. Nothing but the
writing may be changed here.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import sqlalchemy
from dagster import EventLogEntry
from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage

BATCH_SIZE = 1000


class EventLog(ConsolidatedSqliteEventLogStorage):
    """The same tables and rows; the connection of the current thread is shared while a batch is written."""

    @cached_property
    def _engine(self) -> sqlalchemy.Engine:
        engine = sqlalchemy.create_engine(self._conn_string, connect_args={"timeout": 60})
        # A power cut may cost the last events of a run, never the file.
        sqlalchemy.event.listen(engine, "connect", lambda raw, _: raw.execute("pragma synchronous = normal"))
        return engine

    @cached_property
    def _shared(self) -> threading.local:
        return threading.local()

    @contextmanager
    def _connect(self) -> Iterator[Any]:
        if (connection := getattr(self._shared, "connection", None)) is not None:
            yield connection
            return
        with self._engine.begin() as connection:
            yield connection

    def store_event(self, event: EventLogEntry) -> None:
        self.store_event_batch([event])

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        with self._connect() as connection:
            self._shared.connection = connection
            try:
                for event in events:
                    super().store_event(event)
            finally:
                self._shared.connection = None

    def _has_asset_key_index_cols_on_connection(self, conn: Any) -> bool:
        return True  # our file is always made with the present schema; asking costs more than writing
