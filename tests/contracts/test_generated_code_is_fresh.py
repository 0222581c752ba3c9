"""The committed Python package of the contracts is what the contracts generate now."""

from pathlib import Path

import pytest

from deploy.tools.generate_protos import PACKAGE, PROTOS, GenerationError, generate


def differences(committed: Path, fresh: Path) -> list[str]:
    """The files that are missing, left over, or say something else than they would now."""
    before, now = contents(committed), contents(fresh)
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def contents(folder: Path) -> dict[str, bytes]:
    """What each file below `folder` holds, but for what the interpreter caches."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in files
        if "__pycache__" not in path.parts
    }


def test_the_committed_package_is_what_the_contracts_generate(tmp_path: Path) -> None:
    generate(PROTOS, tmp_path / "rapport")
    stale = differences(PACKAGE, tmp_path / "rapport")
    assert stale == [], "run make protos"


def test_a_changed_contract_makes_the_package_stale(contracts_copy: Path) -> None:
    contract = contracts_copy / "protos/rapport/common/v1/money.proto"
    text = contract.read_text(encoding="utf-8").replace("currency = 2", "currency_code = 2")
    contract.write_text(text, encoding="utf-8")
    generate(contracts_copy / "protos", contracts_copy / "rapport")
    assert differences(PACKAGE, contracts_copy / "rapport") == [
        "common/v1/money_pb2.py",
        "common/v1/money_pb2.pyi",
        "facts.json",
    ]


def test_a_contract_that_does_not_compile_leaves_nothing_behind(
    contracts_copy: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    contract = contracts_copy / "protos/rapport/common/v1/money.proto"
    contract.write_text('syntax = "proto3";\nmessage Money { strin amount = 1; }\n')
    with pytest.raises(GenerationError, match="do not compile"):
        generate(contracts_copy / "protos", contracts_copy / "rapport")
    assert not (contracts_copy / "rapport").exists()
    assert "money.proto" in capfd.readouterr().err
