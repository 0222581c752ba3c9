"""What the Dockerfile's steps make: parts that run by themselves, of nothing but what they need, changed by nobody."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import httpx
import psycopg
import pytest

from chassis.embedded.databases import ServicePasswords, provision_service_database
from chassis.embedded.postgres import PostgresServer
from chassis.testing.fixtures import postgres
from deploy.image.build import images
from deploy.image.install import remove_tools
from rapport_local.trial import stopped_if_this_process_ends
from tests.images.context import ROOT
from tests.images.trees import ImagePlatform, build, state

__all__ = ["postgres"]

IMAGES = images(ROOT)
SERVICES = {image.name for image in IMAGES.values() if image.kind == "service"}
BUILD_TOOLS = {"pip", "setuptools", "wheel", "ensurepip", "pkg_resources", "grpc_tools"}
CLEAN = {"PATH": "/usr/bin:/bin", "PYTHONSAFEPATH": "1"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def contacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree of the image of contacts."""
    return build(IMAGES["contacts"], tmp_path_factory.mktemp("contacts"))


def run(tree: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program of a tree with nothing of this environment."""
    command = [str(tree / "bin" / words[0]), *words[1:]]
    return subprocess.run(
        command,
        env=CLEAN | environment,
        cwd=tree,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def modules(tree: Path) -> set[str]:
    """What can be imported from a tree, by its topmost names."""
    [library] = (tree / "lib").glob("python3*/site-packages")
    return {path.name.removesuffix(".py") for path in library.iterdir()}


def test_a_service_explains_itself_and_refuses_wrong_settings(contacts: Path) -> None:
    help_text = run(contacts, "start", "--help")
    assert help_text.returncode == 0, help_text.stderr
    assert help_text.stdout.startswith("Usage: python -m contacts")
    isolated = run(contacts, "python", "-I", "-m", "contacts", "--help")
    assert isolated.stdout == help_text.stdout

    refused = run(contacts, "start", "serve", RAPPORT_HTTP_PORT="0", RAPPORT_COLOUR="red")
    assert refused.returncode == 1
    for said in (
        "RAPPORT_COLOUR: unknown variable",
        "RAPPORT_DATABASE_URL: Field required",
        "RAPPORT_HTTP_PORT: Input should be greater than or equal to 1",
    ):
        assert said in refused.stderr


def test_a_tree_has_no_other_service_no_test_and_no_build_tool(contacts: Path) -> None:
    found = modules(contacts)
    assert {"chassis", "contacts", "rapport"} <= found
    assert not found & (BUILD_TOOLS | {"tests"} | SERVICES - {"contacts"})
    assert not [name for name in found if name.startswith("__editable__")]
    programs = {path.name for path in (contacts / "bin").iterdir()}
    assert not [name for name in programs if name.startswith(("pip", "easy_install", "activate"))]
    assert "start" in programs


def test_all_of_a_tree_is_compiled_and_nothing_in_it_is_for_one_user_alone(contacts: Path) -> None:
    [library] = (contacts / "lib").glob("python3*/site-packages")
    for package in ("chassis", "contacts", "rapport"):
        sources = list((library / package).rglob("*.py"))
        compiled = {path.name.split(".")[0] for path in (library / package).rglob("*.pyc")}
        assert sources
        assert {path.stem for path in sources} <= compiled
    everybody = stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH
    closed = [
        path
        for path in contacts.rglob("*")
        if not path.is_symlink() and path.stat().st_mode & everybody != everybody
    ]
    assert closed == []


def test_a_tree_brings_its_database_to_the_newest_structure(
    contacts: Path, postgres: PostgresServer
) -> None:
    passwords = ServicePasswords("owner", "runtime", "system")
    provision_service_database(postgres.admin_dsn(), "contacts", passwords)
    owner = postgres.dsn("contacts", "contacts_owner", "owner")
    answer = run(contacts, "start", "migrate", RAPPORT_DATABASE_OWNER_URL=owner)
    assert answer.returncode == 0, answer.stderr
    newest = max((ROOT / "services/contacts/migrations/versions").glob("*.py")).stem
    with psycopg.connect(owner) as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    assert row is not None
    assert newest.startswith(row[0])


def test_a_service_works_from_its_image_as_nobody_in_a_tree_that_it_cannot_write(
    contacts: Path, tmp_path: Path
) -> None:
    before = state(contacts)
    platform = ImagePlatform(tmp_path / "rapport", ports_from=0, trees={"contacts": contacts})
    with stopped_if_this_process_ends(platform.state.root):
        try:
            platform.up()
            process = platform.parts["contacts"].process()
            assert process is not None
            owner = Path(f"/proc/{process.pid}").stat().st_uid
            assert owner == (10001 if os.geteuid() == 0 else os.geteuid())
            url = f"{platform.gateway_url}/v1/contacts/people"
            assert httpx.get(url).status_code == 401
            assert httpx.get(f"{platform.service_url('contacts')}/readyz").status_code == 200
        finally:
            platform.down()
    assert state(contacts) == before


def test_the_portal_brings_the_guides_and_refuses_wrong_settings(tmp_path: Path) -> None:
    tree = build(IMAGES["portal"], tmp_path)
    assert modules(tree) & SERVICES == set()
    question = "from portal.settings import guides_folder; print(guides_folder())"
    answer = run(tree, "python", "-I", "-c", question)
    assert Path(answer.stdout.strip()) == tree / "share" / "rapport" / "guides"
    assert (tree / "share" / "rapport" / "guides" / "operate.md").exists()
    refused = run(tree, "start")
    assert refused.returncode == 2
    assert "RAPPORT_PUBLIC_URL: Field required" in refused.stderr


def test_the_operators_command_knows_every_service_and_its_migrations(tmp_path: Path) -> None:
    tree = build(IMAGES["operator"], tmp_path)
    assert run(tree, "start", "--help").stdout.startswith("Usage: rapport")
    question = (
        "import sys; from rapport_operator.descriptions import description_of\n"
        "for name in sys.argv[1:]: print(name, sorted(description_of(name).migrations.glob('*/0*'))[0].name)"
    )
    answer = run(tree, "python", "-I", "-c", question, *sorted(SERVICES))
    assert answer.returncode == 0, answer.stderr
    assert [line.split()[0] for line in answer.stdout.splitlines()] == sorted(SERVICES)
    assert all("0001_" in line for line in answer.stdout.splitlines())


def test_the_base_image_is_left_without_tools(tmp_path: Path) -> None:
    library = tmp_path / "lib" / "python3.13"
    for name in ("site-packages/pip", "site-packages/pip-25.1.dist-info", "ensurepip", "json"):
        (library / name).mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    for name in ("pip3", "python3", "python3.13-config"):
        (tmp_path / "bin" / name).touch()
    assert remove_tools(tmp_path) == [
        "lib/python3.13/ensurepip",
        "lib/python3.13/site-packages/pip",
        "lib/python3.13/site-packages/pip-25.1.dist-info",
        "bin/pip3",
        "bin/python3.13-config",
    ]
    assert (library / "json").exists()
    assert (tmp_path / "bin" / "python3").exists()
