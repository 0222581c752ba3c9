"""The contracts are well formed, explain themselves, and break nothing that was released."""

from pathlib import Path

import pytest

from deploy.tools.release_contracts import ROOT, ContractsError, check_compatible, run_buf

PERSON_EVENTS = "protos/rapport/contacts/events/v1/person_events.proto"
SERVICE = "protos/rapport/contacts/v1/contacts_service.proto"


def spoil(root: Path, path: str, old: str, new: str) -> None:
    """Replaces `old`, which must be there, by `new` in one file of a copy of the contracts."""
    text = (root / path).read_text(encoding="utf-8")
    assert old in text, f"{path} has changed; choose something else to spoil"
    (root / path).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_contracts_keep_the_lint_rules() -> None:
    run_buf("lint", root=ROOT)


def test_the_contracts_break_nothing_that_was_released() -> None:
    check_compatible(ROOT)


def test_a_message_without_a_comment_is_found(contracts_copy: Path) -> None:
    spoil(contracts_copy, PERSON_EVENTS, "// An archived person is back in use.\n", "")
    with pytest.raises(ContractsError, match='"PersonRestored" should have a non-empty comment'):
        run_buf("lint", root=contracts_copy)


def test_a_contract_that_does_not_compile_is_found(contracts_copy: Path) -> None:
    spoil(contracts_copy, SERVICE, "LifecycleStage lifecycle_stage = 5;", "Mood mood = 5;")
    with pytest.raises(ContractsError, match="Mood"):
        run_buf("lint", root=contracts_copy)


@pytest.mark.parametrize(
    ("path", "old", "new", "finding"),
    [
        (
            PERSON_EVENTS,
            "  // The new person.\n  string person_id = 1;\n",
            "",
            'Previously present field "1" with name "person_id"',
        ),
        (PERSON_EVENTS, "string source = 4", "bytes source = 4", "changed type"),
        (PERSON_EVENTS, "message PersonArchived", "message PersonShelved", "PersonArchived"),
        (SERVICE, "rpc FindPeople(", "rpc SearchPeople(", 'RPC "FindPeople"'),
        (SERVICE, "bool archived = 13", "bool archived = 99", "13"),
    ],
    ids=["field removed", "type changed", "fact renamed", "method renamed", "number changed"],
)
def test_a_change_that_breaks_the_release_is_found(
    contracts_copy: Path, path: str, old: str, new: str, finding: str
) -> None:
    spoil(contracts_copy, path, old, new)
    with pytest.raises(ContractsError, match=finding):
        check_compatible(contracts_copy)


def test_an_added_field_breaks_nothing(contracts_copy: Path) -> None:
    spoil(contracts_copy, SERVICE, "bool archived = 13;", "bool archived = 13;\n  bool fan = 99;")
    check_compatible(contracts_copy)


def test_a_missing_release_is_an_error_and_not_a_pass(contracts_copy: Path) -> None:
    (contracts_copy / "protos/released.txtpb").unlink()
    with pytest.raises(ContractsError, match="is missing"):
        check_compatible(contracts_copy)
