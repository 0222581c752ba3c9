"""kubectl, as the workspace has it: nothing of it is left behind on this machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_FORWARDS = re.compile(r"Forwarding from 127\.0\.0\.1:(\d+)")
_SECONDS = 300.0


class ClusterRefuses(Exception):
    """A command against the cluster failed; the message says which and why."""


@dataclass(frozen=True)
class Kubectl:
    """Commands against one namespace of a cluster."""

    kubeconfig: Path
    namespace: str

    def ask(self, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, whatever comes of it."""
        with tempfile.TemporaryDirectory() as cache:
            return subprocess.run(
                self._command(*words),
                env=os.environ | {"KUBECACHEDIR": cache},
                input=given,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                check=False,
            )

    def run(self, *words: str, given: str | None = None) -> str:
        """Run a command; gives what it says. Raises `ClusterRefuses`."""
        answer = self.ask(*words, given=given)
        if answer.returncode != 0:
            reason = answer.stderr.strip() or answer.stdout.strip()
            raise ClusterRefuses(f"kubectl {' '.join(words[:2])}: {reason}")
        return answer.stdout

    @contextmanager
    def forwarded(self, target: str, here: int, there: str) -> Iterator[str]:
        """The address on this machine that leads to a port of a Service, for the length of a block."""
        command = self._command("port-forward", target, f"{here}:{there}", "--address=127.0.0.1")
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            said = [process.stdout.readline() if process.stdout else ""]
            if not _FORWARDS.match(said[0]):
                process.kill()
                raise ClusterRefuses(f"kubectl port-forward {target}: {said[0].strip()}")
            yield f"http://127.0.0.1:{here}"
        finally:
            process.terminate()
            process.communicate()

    def _command(self, *words: str) -> list[str]:
        program = Path(sys.executable).with_name("kubectl")
        where = (f"--kubeconfig={self.kubeconfig}", f"--namespace={self.namespace}")
        return [str(program), *where, *words]
