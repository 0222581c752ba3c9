"""Rendering processes start when they are needed, are replaced when they die, and leave with us."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from chassis.testing.waiting import eventually
from notifications.templates.rendering.processes import RenderingProcesses
from notifications.templates.rendering.renderer import Renderer
from services.notifications.tests.templates.builders import rendered, text_draft

SERVICE = """
import sys, time
from notifications.templates.rendering.renderer import Renderer
from notifications.templates.rendering.processes import RenderingProcesses
from notifications.templates.domain import Draft
processes = RenderingProcesses()
Renderer(processes).compile(Draft("x", content={"sms": {"en": {"text": "x"}}}))
print(processes.idle_pids[0], flush=True)
time.sleep(600)
"""


def is_running(pid: int) -> bool:
    """Whether there is such a process that has not ended."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_no_process_runs_before_something_is_rendered_and_none_after_the_end() -> None:
    processes = RenderingProcesses()
    renderer = Renderer(processes)
    renderer.start()
    assert list(processes.idle_pids) == []
    rendered(renderer, text_draft("x"))
    [pid] = list(processes.idle_pids)
    renderer.stop(1)
    assert not is_running(pid)


def test_a_renderer_that_nobody_holds_any_more_leaves_no_process() -> None:
    processes = RenderingProcesses()
    rendered(Renderer(processes), text_draft("x"))
    (pid,) = processes.idle_pids
    del processes
    gc.collect()
    assert not is_running(pid)


def test_a_process_that_somebody_killed_is_replaced_unnoticed() -> None:
    processes = RenderingProcesses()
    renderer = Renderer(processes)
    rendered(renderer, text_draft("x"))
    (pid,) = processes.idle_pids
    os.kill(pid, signal.SIGKILL)
    assert rendered(renderer, text_draft("still there")).text == "still there"
    assert processes.idle_pids != (pid,)
    renderer.stop(1)


def test_many_threads_share_a_few_processes(renderer: Renderer) -> None:
    made = text_draft("{{ n }}", n={"type": "integer"})
    with ThreadPoolExecutor(8) as threads:
        texts = threads.map(lambda n: rendered(renderer, made, n=n).text, range(100))
    assert list(texts) == [str(n) for n in range(100)]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_does_not_outlive_a_service_that_is_killed(how: int, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    service = subprocess.Popen(
        [sys.executable, "-c", SERVICE], stdout=subprocess.PIPE, env=environment, cwd=tmp_path
    )
    with service:
        assert service.stdout is not None
        pid = int(service.stdout.readline())
        assert is_running(pid)
        service.send_signal(how)
    eventually(lambda: not is_running(pid))


def test_a_process_sees_no_secret_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_SIGNING_SECRET", "to be kept")
    processes = RenderingProcesses()
    rendered(Renderer(processes), text_draft("x"))
    (pid,) = processes.idle_pids
    child = psutil.Process(pid)
    assert "RAPPORT_SIGNING_SECRET" not in child.environ()
    descriptors = [name for name in os.listdir(f"/proc/{pid}/fd") if int(name) > 2]  # noqa: PTH208
    assert descriptors == []
    processes.stop()
