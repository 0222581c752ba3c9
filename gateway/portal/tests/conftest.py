"""A portal in this process, over documents that stand still."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from chassis.clock import MovableClock
from portal.app import build
from portal.catalogue import Catalogue
from portal.settings import PortalSettings, read_settings

from .documents import document
from .fetches import FakeFetch

PUBLIC_URL = "https://crm.example.com"


@pytest.fixture
def clock() -> MovableClock:
    """A clock that stands still."""
    return MovableClock(datetime(2026, 11, 22, 9, 30, tzinfo=UTC))


@pytest.fixture
def guides(tmp_path: Path) -> Path:
    """A folder with two guides, one of them in two languages."""
    folder = tmp_path / "guides"
    folder.mkdir()
    (folder / "first-steps.md").write_text(
        "# First steps\n\nSee [operate](operate.md#stop) or [elsewhere](https://example.com).\n\n"
        "```bash\ncurl -s https://crm.example.com\n```\n\n<script>alert(1)</script>\n",
        encoding="utf-8",
    )
    (folder / "first-steps.zh-Hant.md").write_text("# 第一步\n\n開始。\n", encoding="utf-8")
    (folder / "operate.md").write_text("# Operate\n\n## Stop\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
    return folder


@pytest.fixture
def settings(guides: Path) -> PortalSettings:
    """Settings for two services."""
    return read_settings(
        {
            "RAPPORT_HTTP_PORT": "8099",
            "RAPPORT_PUBLIC_URL": PUBLIC_URL,
            "RAPPORT_SERVICES": "identity=http://identity,contacts=http://contacts",
            "RAPPORT_GUIDES_DIR": str(guides),
        }
    )


@pytest.fixture
def fetch() -> FakeFetch:
    """Both services answer."""
    return FakeFetch(identity=document("identity"), contacts=document("contacts"))


@pytest.fixture
def catalogue(settings: PortalSettings, fetch: FakeFetch, clock: MovableClock) -> Catalogue:
    """A catalogue that has not been refreshed yet."""
    return Catalogue(settings.services, settings.public_url, fetch, clock.now)


@pytest.fixture
def client(settings: PortalSettings, catalogue: Catalogue) -> FlaskClient:
    """The portal after its first refresh."""
    catalogue.refresh()
    return build(settings, catalogue).test_client()
