"""Platforms for tests: none is left behind, however the tests end."""

import subprocess
import sys
from pathlib import Path

from chassis.embedded.processes import ProcessRecord, wait_until

_STARTER = """
import sys, time
from pathlib import Path
from rapport_local.platform import Platform
from rapport_local.trial import stopped_if_this_process_ends
platform = Platform(Path(sys.argv[1]), ports_from=0)
platform.state.prepare()
with stopped_if_this_process_ends(platform.state.root):
    platform.parts["nats"].start()
    Path(sys.argv[1], "started").touch()
    time.sleep(600)
"""


def test_a_platform_is_stopped_when_the_tests_that_use_it_are_killed(tmp_path: Path) -> None:
    tests = subprocess.Popen([sys.executable, "-c", _STARTER, str(tmp_path)])
    try:
        assert wait_until((tmp_path / "started").exists, 30.0)
        nats = ProcessRecord.read(tmp_path / "nats" / "process.json")
        assert nats is not None
        assert nats.is_running()
    finally:
        tests.kill()
        tests.wait()

    assert wait_until(lambda: not nats.is_running(), 30.0)
