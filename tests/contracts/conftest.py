"""A copy of the contracts that a test may spoil."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def contracts_copy(tmp_path: Path) -> Path:
    """The root of a copy of the contracts, with their configuration and the last release."""
    shutil.copy(ROOT / "buf.yaml", tmp_path)
    shutil.copytree(ROOT / "protos", tmp_path / "protos", ignore=shutil.ignore_patterns("python"))
    return tmp_path
