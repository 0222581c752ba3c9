"""The Dockerfile keeps the rules for images, and says what the platform needs of one."""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path

import pytest

from tests.images.context import DOCKERFILE

TEXT = DOCKERFILE.read_text(encoding="utf-8")
LABELS = ("title", "version", "revision", "source", "created", "licenses")


def hadolint(path: Path) -> subprocess.CompletedProcess[str]:
    """Lint one file with no configuration but its own comments."""
    program = Path(sysconfig.get_path("scripts")) / "hadolint"
    words = [str(program), "--no-color", "--failure-threshold", "style", str(path)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_the_linter_for_dockerfiles_finds_nothing() -> None:
    answer = hadolint(DOCKERFILE)
    assert (answer.returncode, answer.stdout) == (0, "")


def test_the_linter_would_find_an_image_that_runs_as_root(tmp_path: Path) -> None:
    wrong = tmp_path / "Dockerfile"
    wrong.write_text(TEXT.replace("USER 10001:10001", "USER root"), encoding="utf-8")
    assert "DL3002" in hadolint(wrong).stdout


@pytest.mark.parametrize(
    "line",
    [
        "USER 10001:10001",
        "STOPSIGNAL SIGTERM",
        "HEALTHCHECK NONE",
        'ENTRYPOINT ["start"]',
        "ARG BASE\n",
        "FROM ${BASE} AS image",
    ],
)
def test_an_image_says_what_a_cluster_needs(line: str) -> None:
    assert line in TEXT


def test_labels_follow_the_open_container_initiative() -> None:
    assert all(f"org.opencontainers.image.{label}=" in TEXT for label in LABELS)


def test_credentials_of_an_index_come_as_a_secret_and_never_as_an_argument() -> None:
    assert "--mount=type=secret,id=pip-conf" in TEXT
    arguments = [line.split()[1] for line in TEXT.splitlines() if line.startswith("ARG")]
    assert not [name for name in arguments if "PASSWORD" in name or "TOKEN" in name]


def test_the_last_stage_takes_nothing_from_the_build_but_the_tree() -> None:
    last = TEXT[TEXT.index("FROM ${BASE} AS image") :]
    copies = [line for line in last.splitlines() if line.startswith("COPY")]
    assert copies == ["COPY --from=build /opt/rapport /opt/rapport"]
