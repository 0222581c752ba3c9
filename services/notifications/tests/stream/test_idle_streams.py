"""Thousands of readers that wait cost one process little memory, and hear at once all the same."""

from __future__ import annotations

import resource
from pathlib import Path
from uuid import uuid4

import httpx
import psutil
import pytest

from chassis.testing.harness import ServiceHarness
from chassis.testing.tokens import TestTokens
from chassis.testing.waiting import eventually
from notifications.feed.streaming import FEED_STREAM
from notifications.transaction import NotificationsTx

from ..feed.test_positions import raw_facts, store
from .conftest import Reader, running_process

READERS = 2_000
MOST_BYTES_EACH = 64 * 1024


@pytest.mark.slow
def test_two_thousand_idle_readers_are_kept_in_one_process(
    stream_variables: dict[str, str],
    tokens: TestTokens,
    notifications: ServiceHarness[NotificationsTx],
    tmp_path: Path,
) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 3 * READERS), most))
    tenant_id = uuid4()
    readers: list[Reader] = []
    with running_process(stream_variables, tmp_path / "log") as running:
        process = psutil.Process(running.process.pid)
        before = process.memory_info().rss
        try:
            for number in range(READERS):
                of = tenant_id if number % 20 == 0 else uuid4()
                token = tokens.client(of, "*", client_id=f"app-{number}")
                readers.append(Reader(running.url + FEED_STREAM, token))
                assert readers[-1].status == 200
            gauge = f'streams_open{{route="{FEED_STREAM}"}} {READERS:.1f}'
            eventually(lambda: gauge in httpx.get(f"{running.url}/metrics", timeout=20).text)
            each = (process.memory_info().rss - before) / READERS
            print(f"{each / 1024:.1f} KiB a reader, {process.memory_info().rss >> 20} MiB in all")  # noqa: T201
            assert each < MOST_BYTES_EACH
            store(notifications, tenant_id, raw_facts(tenant_id, 1))
            for reader in readers[::20]:
                assert next(reader.events())["id"] == "1"
        finally:
            for reader in readers:
                reader.close()
        assert running.stop() == 0
