"""What images are built from: of each its own part and nothing of any other."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from deploy.image.build import images
from tests.images.context import ROOT, Rule, context_files, copy_context, ignored

IMAGES = images(ROOT)
SERVICES = [image for image in IMAGES.values() if image.kind == "service"]


def files_below(folder: Path) -> set[str]:
    """Relative paths of all files."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("image", SERVICES, ids=lambda image: image.name)
def test_a_service_is_built_from_nothing_of_another_service(tmp_path: Path, image: object) -> None:
    name = getattr(image, "name", "")
    source = copy_context("service", name, tmp_path)
    services = sorted(path.name for path in (source / "services").iterdir())
    assert services == sorted(["chassis", name])
    tops = {path.split("/")[0] for path in files_below(source)}
    assert tops == {"deploy", "protos", "services"}
    assert files_below(source / "deploy") == {"image/install.py", "image/requirements.lock"}
    assert (source / "services" / name / "requirements.lock").exists()
    assert list((source / "services" / name / "migrations" / "versions").glob("*.py"))


def test_the_portal_is_built_from_no_service_at_all_and_has_the_guides(tmp_path: Path) -> None:
    source = copy_context("portal", "portal", tmp_path)
    assert [path.name for path in (source / "services").iterdir()] == ["chassis"]
    assert (source / "docs" / "guides" / "operate.md").exists()


def test_every_service_has_an_image_and_the_command_knows_them_all() -> None:
    services = {path.parent.parent.name for path in ROOT.glob("services/*/*/app.py")}
    assert {image.name for image in SERVICES} == services
    assert set(IMAGES) == services | {"portal", "operator"}
    assert set(IMAGES["operator"].parts) == {
        "deploy/operator",
        *(f"services/{name}" for name in services),
    }


def test_no_test_no_secret_and_no_state_reaches_the_builder() -> None:
    found = context_files()
    words = {part for path in found for part in path.parts}
    assert words.isdisjoint({"tests", ".git", ".venv", ".rapport", ".env", "secrets.json", "helm"})
    assert {path.parts[0] for path in found} == {"deploy", "docs", "gateway", "protos", "services"}


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("services/contacts/contacts/app.py", True),
        ("services/contacts/tests/people/test_api.py", False),
        ("services/contacts/.env", False),
        (".rapport/secrets.json", False),
        ("protos/python/rapport/facts.json", True),
        ("protos/rapport/contacts/v1/contacts_service.proto", False),
        ("deploy/image/install.py", True),
        ("deploy/image/build.py", False),
    ],
)
def test_rules_are_read_as_builders_read_them(path: str, kept: bool) -> None:  # noqa: FBT001
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    known = [Rule.of(line) for line in lines if line and not line.startswith("#")]
    assert ignored(PurePosixPath(path), known) is not kept
