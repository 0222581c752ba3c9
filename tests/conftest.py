"""How the tests are spread over processes: what shares a platform stays together."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

_TOGETHER = ("tests/journeys/", "tests/security/")
"""Folders whose tests share something that takes long to start."""


class OneProcessAFolder(LoadFileScheduling):
    """Like `--dist loadfile`, but for some folders as a whole."""

    def _split_scope(self, nodeid: str) -> str:
        together = next((folder for folder in _TOGETHER if nodeid.startswith(folder)), None)
        return together or super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """In place of `--dist loadfile`; other ways to spread are left alone."""
    if config.getvalue("dist") != "loadfile":
        return None
    return OneProcessAFolder(config, log)
