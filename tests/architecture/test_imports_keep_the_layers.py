"""Rule 1: who may import whom, as import-linter's contracts in pyproject.toml say."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

from .sources import ROOT, service_names

PACKAGES = {
    **{name: f"services/{name}/{name}" for name in ("chassis", *service_names())},
    "portal": "gateway/portal/portal",
    "rapport": "protos/python/rapport",
    "rapport_local": "deploy/local/rapport_local",
    "rapport_operator": "deploy/operator/rapport_operator",
}
# One import for each contract, which breaks it.
STRAYS = {
    "No service imports another, nor what runs it": ("contacts/stray.py", "import identity"),
    "The chassis knows no service and no contract": ("chassis/stray.py", "import rapport"),
    "The generated contracts import nothing of ours": ("rapport/stray.py", "import chassis"),
    "A domain module does no input or output": ("contacts/stray/domain.py", "import sqlalchemy"),
    "Storage and domain do not know who calls them": (
        "contacts/stray/storage.py",
        "import contacts.stray.api",
    ),
}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs import-linter over the packages in `folder`, which come before those installed."""
    return subprocess.run(
        [
            str(Path(sysconfig.get_path("scripts")) / "lint-imports"),
            "--no-logo",
            "--no-cache",
            f"--config={ROOT / 'pyproject.toml'}",
        ],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(folder), *sys.path)),
            "COLUMNS": "200",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_packages_keep_every_contract() -> None:
    answer = lint_imports(ROOT)
    assert answer.returncode == 0, answer.stdout


def test_every_contract_is_broken_by_an_import_that_it_forbids(tmp_path: Path) -> None:
    for name, place in PACKAGES.items():
        shutil.copytree(ROOT / place, tmp_path / name)
    (tmp_path / "contacts" / "stray").mkdir()
    for name in ("__init__", "api"):
        (tmp_path / "contacts" / "stray" / f"{name}.py").touch()
    for place, text in STRAYS.values():
        (tmp_path / place).write_text(f"{text}\n")
    answer = lint_imports(tmp_path)
    assert answer.returncode == 1, answer.stderr
    for contract in STRAYS:
        assert f"{contract} BROKEN" in answer.stdout


def test_there_is_an_example_for_every_contract_and_package() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    linter = settings["tool"]["importlinter"]
    assert sorted(contract["name"] for contract in linter["contracts"]) == sorted(STRAYS)
    assert sorted(linter["root_packages"]) == sorted(PACKAGES)
