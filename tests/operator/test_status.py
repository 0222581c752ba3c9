"""The status of a deployment: every process is asked, and one that is not ready is named with the reason."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from .answers import answer
from .conftest import Rapport

JOBS = "office-jobs"


class Process:
    """A process that says how it is doing; `failing` names what keeps it from being ready."""

    def __init__(self) -> None:
        self.failing: tuple[str, ...] = ()
        self.url = ""


@contextmanager
def running(process: Process) -> Iterator[None]:
    """Have it answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"checks": {"Jobs": "Jobs" not in process.failing}}).encode()
            status = 503 if process.failing else 200
            self.send_response(status if self.path == "/readyz" else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    process.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def jobs(described: Path) -> Iterator[Process]:
    """The office's process for jobs, as the deployment's description has it."""
    process = Process()
    with running(process):
        content = json.loads(described.read_text())
        content["services"]["office"]["processes"] = {JOBS: process.url}
        described.write_text(json.dumps(content))
        yield process


def parts(rapport: Rapport) -> dict[str, tuple[bool, str | None]]:
    """Whether each part is ready, and why not; most are away in these tests."""
    found = answer(rapport("status", "--json", exit_code=3))["parts"]
    return {one["part"]: (one["ready"], one["reason"]) for one in found}


def test_a_process_for_jobs_is_asked_like_its_service(rapport: Rapport, jobs: Process) -> None:
    assert parts(rapport)[JOBS] == (True, None)
    jobs.failing = ("Jobs",)
    assert parts(rapport)[JOBS] == (False, "answers 503: Jobs")
    assert JOBS in rapport("status", exit_code=3).stdout


def test_a_process_that_does_not_answer_is_named_and_holds_up_nothing(
    rapport: Rapport, jobs: Process, described: Path
) -> None:
    content = json.loads(described.read_text())
    content["services"]["office"]["processes"] = {
        "office-stream": "http://127.0.0.1:1",
        JOBS: jobs.url,
    }
    described.write_text(json.dumps(content))
    found = parts(rapport)
    assert not found["office-stream"][0]
    assert "ConnectError" in (found["office-stream"][1] or "")
    assert found[JOBS][0]
    assert found["broker"][0]


def test_the_doctor_says_what_to_do_about_a_process_that_is_not_ready(
    rapport: Rapport, jobs: Process
) -> None:
    jobs.failing = ("Jobs",)
    found = answer(rapport("doctor", "--json", exit_code=3))
    (finding,) = [one for one in found if (one["check"], one["about"]) == ("service", JOBS)]
    assert not finding["is_well"]
    assert finding["said"] == "answers 503: Jobs"
    assert finding["remedy"] == "start it, and look into its log"
