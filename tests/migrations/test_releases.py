"""The release file names commits that are there, and the migrations that they had."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from deploy.tools.release_contracts import REST_SNAPSHOTS, SNAPSHOT, released_services
from deploy.tools.releases import ROOT, ReleasesError, last_release, releases

_TEXT = '[[release]]\nversion = "1.0.0"\ncommit = "{}"\n[release.migrations]\ncontacts = "0007"\n'


def test_a_release_knows_its_services_and_migrations(tmp_path: Path) -> None:
    path = tmp_path / "releases.toml"
    path.write_text(_TEXT.format("0" * 40), encoding="utf-8")
    release = last_release(path)
    assert (release.version, release.services) == ("1.0.0", ["contacts"])
    assert release.has_migration("contacts", "0007")
    assert not release.has_migration("contacts", "0008")
    assert not release.has_migration("billing", "0001")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (_TEXT.format("0" * 7), "has no full commit"),
        ('[[release]]\nversion = "1.0.0"\n', "has no commit"),
        ("release = []\n", "names no release"),
        ("[[release", "names no release"),
    ],
)
def test_a_release_file_that_is_wrong_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "releases.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReleasesError, match=said):
        releases(path)


def test_every_release_had_the_migrations_that_it_is_said_to_have_had() -> None:
    for release in releases():
        for service, newest in release.migrations.items():
            words = ("ls-tree", "--name-only", release.commit)
            folder = f"services/{service}/migrations/versions/"
            answer = subprocess.run(
                ["git", *words, folder],  # noqa: S607 - git is where the developer has it
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=True,
            )
            numbers = [Path(line).name.partition("_")[0] for line in answer.stdout.split()]
            assert max(numbers) == newest


def test_the_contracts_that_are_kept_are_those_of_the_last_release() -> None:
    """They are text, so that a change of them shows in a review."""
    kept = released_services()
    assert kept == set(last_release().services)
    assert {path.stem for path in REST_SNAPSHOTS.glob("*.json")} == kept
    assert (ROOT / SNAPSHOT).read_text(encoding="utf-8").startswith("file: {")
