"""`make images`: what is asked of the builder, and what is said when nothing can be built."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.image.build import ImagesError, Origin, Wish, command, find_builder, images
from tests.images.context import ROOT

BASE = "python:3.13-slim-trixie@sha256:" + "0" * 64
ORIGIN = Origin("abc", "2026-01-01T00:00:00Z", "https://example.org/rapport")


def build_words(name: str, **environment: str) -> list[str]:
    """The command for one image."""
    wish = Wish.read({"BASE": BASE, **environment}, "abc")
    return command("docker", images(ROOT)[name], wish, ORIGIN, "1.2.3")


def test_one_command_has_all_arguments_of_the_dockerfile() -> None:
    words = build_words("contacts", REGISTRY="registry.example/mirror/", TAG="1.2.3")
    given = {word.removeprefix("--build-arg=").split("=")[0] for word in words if "arg=" in word}
    text = (ROOT / "deploy/image/Dockerfile").read_text(encoding="utf-8")
    declared = {
        line.split()[1].split("=")[0] for line in text.splitlines() if line.startswith("ARG ")
    }
    assert declared - given == {"PIP_INDEX_URL", "PIP_TRUSTED_HOST"}
    assert given <= declared
    assert "--tag=registry.example/mirror/rapport/contacts:1.2.3" in words
    assert "--build-arg=PARTS=services/contacts" in words


def test_an_index_is_an_argument_and_its_credentials_are_a_secret() -> None:
    words = build_words("portal", INDEX_URL="https://mirror.example/", PIP_CONF="pip.conf")
    assert "--build-arg=PIP_INDEX_URL=https://mirror.example/" in words
    assert "--secret=id=pip-conf,src=pip.conf" in words


def test_a_builder_other_than_docker_is_told_the_format_that_knows_every_line() -> None:
    wish = Wish.read({"BASE": BASE}, "abc")
    words = command("podman", images(ROOT)["identity"], wish, ORIGIN, "1.2.3")
    assert words[:2] == ["podman", "build"]
    assert "--format=docker" in words


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "BASE is not set"),
        ({"BASE": "python:3.13-slim"}, "is not pinned"),
        ({"BASE": "python@sha256:12"}, "is not pinned"),
    ],
)
def test_a_base_that_is_not_pinned_is_refused(environment: dict[str, str], said: str) -> None:
    with pytest.raises(ImagesError, match=said):
        Wish.read(environment, "abc")


def test_a_base_without_a_digest_is_taken_when_that_is_said() -> None:
    assert Wish.read({"BASE": "python:3.13-slim", "UNPINNED": "1"}, "abc").base


def test_without_a_builder_it_is_said_what_to_install() -> None:
    with pytest.raises(ImagesError, match="none of no-such-builder is installed"):
        find_builder(["no-such-builder"])


def test_a_client_whose_engine_does_not_answer_is_no_builder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = tmp_path / "silent-builder"
    silent.write_text("#!/bin/sh\necho no engine here >&2\nexit 1\n", encoding="utf-8")
    silent.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(ImagesError, match=r"does not answer \(no engine here\)"):
        find_builder(["silent-builder"])
