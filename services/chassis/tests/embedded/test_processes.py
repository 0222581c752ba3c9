"""Processes: told apart from later ones with the same pid, and never left behind by a killed test run."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.embedded.processes import ProcessRecord, end_session, spawn, stop_process, wait_until

_SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that does nothing for a long time."""
    process = spawn(_SLEEPER, tmp_path / "log", os.environ)
    yield process
    process.kill()
    process.wait()


def test_a_record_survives_being_written_and_read(
    sleeper: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    record = ProcessRecord.of(sleeper.pid)
    assert record is not None
    record.write(tmp_path / "process.json")

    assert ProcessRecord.read(tmp_path / "process.json") == record
    assert record.is_running()


def test_a_reused_pid_is_not_taken_for_the_process_and_gets_no_signal(
    sleeper: "subprocess.Popen[bytes]",
) -> None:
    record = ProcessRecord.of(sleeper.pid)
    assert record is not None
    earlier = ProcessRecord(sleeper.pid, f"{record.identity}0")

    assert not earlier.is_running()
    assert stop_process(earlier, [(signal.SIGTERM, 1.0)])
    assert sleeper.poll() is None


def test_a_zombie_is_not_running(sleeper: "subprocess.Popen[bytes]") -> None:
    record = ProcessRecord.of(sleeper.pid)
    assert record is not None
    os.kill(sleeper.pid, signal.SIGKILL)

    assert wait_until(lambda: not record.is_running(), 5.0)
    assert sleeper.returncode is None


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"pid": "x", "identity": "y"}'])
def test_an_unreadable_record_counts_as_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "process.json"
    path.write_text(content)

    assert ProcessRecord.read(path) is None


def test_a_process_that_ignores_the_polite_signal_is_killed(tmp_path: Path) -> None:
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)"
    log = tmp_path / "log"
    process = spawn([sys.executable, "-c", stubborn], log, os.environ)
    assert wait_until(lambda: b"ready" in log.read_bytes(), 10.0)
    record = ProcessRecord.of(process.pid)
    assert record is not None

    assert stop_process(record, [(signal.SIGTERM, 0.2)])
    assert process.wait() == -signal.SIGKILL


def test_what_a_killed_process_has_left_behind_is_ended_and_nothing_else(
    sleeper: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    log = tmp_path / "log"
    process = spawn(["/bin/sh", "-c", "sleep 600 & echo $!; wait"], log, os.environ)
    assert wait_until(lambda: log.read_bytes().endswith(b"\n"), 10.0)
    child = ProcessRecord.of(int(log.read_text()))
    leader = ProcessRecord.of(process.pid)
    assert child is not None
    assert leader is not None
    end_session(leader)
    assert leader.is_running()
    assert child.is_running()

    process.kill()
    process.wait()
    end_session(leader)

    assert not child.is_running()
    assert sleeper.poll() is None


def test_a_throwaway_server_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    starter = textwrap.dedent(f"""
        import time
        from pathlib import Path
        from chassis.embedded.nats import NatsServer
        server = NatsServer(Path({str(tmp_path)!r}), 0, 0, (), throwaway=True)
        server.start()
        time.sleep(600)
    """)
    process = subprocess.Popen([sys.executable, "-c", starter])
    path = tmp_path / "process.json"
    try:
        assert wait_until(path.exists, 20.0)
        server = ProcessRecord.read(path)
        assert server is not None
        assert server.is_running()
    finally:
        process.kill()
        process.wait()

    assert wait_until(lambda: not server.is_running(), 20.0)


@pytest.mark.parametrize("worker", ["gw0", "gw3", "gw11"])
def test_test_processes_side_by_side_draw_from_ports_of_their_own(worker: str) -> None:
    """While a server is down for a moment, another process must not be given its port."""
    draw = (
        "from chassis.embedded.processes import free_port; print(*(free_port() for _ in range(50)))"
    )
    drawn = subprocess.run(
        [sys.executable, "-c", draw],
        env={**os.environ, "PYTEST_XDIST_WORKER": worker},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert {int(port) % 8 for port in drawn} == {int(worker.removeprefix("gw")) % 8}
    assert len(set(drawn)) > 1
