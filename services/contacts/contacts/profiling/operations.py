"""What administrators do to questions, and apps that ask them; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from chassis.domain import Conflict, Invalid, NotFound, Violation
from contacts.custom_fields.definition_rules import by_language
from contacts.custom_fields.domain import RecordKind
from contacts.merges.survivors import survivor_of
from contacts.profiling.domain import (
    MOST_QUESTIONS,
    ProfileQuestion,
    QuestionAsk,
    QuestionDefinition,
    Told,
    custom_field_of,
)
from contacts.purposes.storage import purposes_by_key
from contacts.transaction import ContactsTx


def define_question(tx: ContactsTx, definition: QuestionDefinition) -> ProfileQuestion:
    """Define a new question. Raises `Invalid`, `Conflict` for a taken key or when there are too many."""
    if tx.profile_questions.count() >= MOST_QUESTIONS:
        raise Conflict(f"There are {MOST_QUESTIONS} questions already.", code="too_many_questions")
    question = ProfileQuestion.define(tx.ids.new(), _checked(tx, definition), tx.clock.now())
    tx.profile_questions.add(question)
    return question


def redefine_question(
    tx: ContactsTx,
    question_id: UUID,
    change: Callable[[QuestionDefinition], QuestionDefinition],
) -> ProfileQuestion:
    """Change a question. Raises `NotFound`, `Invalid`, `Conflict` for an archived one."""
    question = tx.profile_questions.get(question_id)
    question.redefine(_checked(tx, change(question.definition)), tx.clock.now())
    return question


def archive_question(tx: ContactsTx, question_id: UUID) -> ProfileQuestion:
    """Ask a question no more. Raises `NotFound`."""
    question = tx.profile_questions.get(question_id)
    question.archive(tx.clock.now())
    return question


def restore_question(tx: ContactsTx, question_id: UUID) -> ProfileQuestion:
    """Take an archived question back into use. Raises `NotFound`."""
    question = tx.profile_questions.get(question_id)
    question.restore(tx.clock.now())
    return question


def note_ask(tx: ContactsTx, person_id: UUID, told: Told) -> QuestionAsk:
    """Note that a person was asked; of somebody who was merged, who was left.

    A question that was archived meanwhile is as good as any: it was asked. Raises `NotFound` for
    the person, `Conflict` for an archived one, `Invalid` for a question or a purpose there is not.
    """
    person = tx.people.get(survivor_of(tx, person_id) or person_id)
    if person.archived_at is not None:
        raise Conflict("The person is archived; restore them first.", code="archived")
    if not tx.profile_questions.get_many([told.question_id]):
        message = f"There is no question {told.question_id}."
        raise Invalid.at("/question_id", "question_unknown", message)
    if told.purpose not in purposes_by_key(tx, [told.purpose]):
        message = f"There is no purpose {told.purpose!r}."
        raise Invalid.at("/purpose", "purpose_unknown", message)
    ask = QuestionAsk.noted(tx.ids.new(), person.id, told, tx.clock.now())
    tx.question_asks.add(ask)
    return ask


def remove_ask(tx: ContactsTx, person_id: UUID, ask_id: UUID) -> QuestionAsk:
    """Take back that a person was asked, which was a mistake. Raises `NotFound`."""
    person = tx.people.get(survivor_of(tx, person_id) or person_id)
    ask = tx.question_asks.get(ask_id)
    if ask.person_id != person.id:
        raise NotFound.of("asked question", ask_id)
    ask.remove()
    tx.question_asks.remove(ask)
    return ask


def question_exists() -> Conflict:
    """The refusal of a key that another question has."""
    return Conflict(
        "There is a question with this key already, archived perhaps.", code="question_exists"
    )


def _checked(tx: ContactsTx, definition: QuestionDefinition) -> QuestionDefinition:
    wrong: list[Violation] = []
    text = by_language(definition.text, "/text", wrong)
    help_text = by_language(definition.help_text, "/help_text", wrong)
    purposes = tuple(dict.fromkeys(definition.purposes))
    known = purposes_by_key(tx, purposes)
    for place, key in enumerate(definition.purposes):
        if key not in known:
            message = f"There is no purpose {key!r}."
            wrong.append(Violation(f"/purposes/{place}", "purpose_unknown", message))
    field = custom_field_of(definition.asks_for)
    if field is not None and not _in_use(tx, field):
        message = f"People have no custom field {field!r} that is in use."
        wrong.append(Violation("/asks_for", "custom_field_unknown", message))
    if wrong:
        raise Invalid("Such a question cannot be.", violations=tuple(wrong))
    return replace(definition, text=text, help_text=help_text, purposes=purposes)


def _in_use(tx: ContactsTx, key: str) -> bool:
    known = tx.known_fields.of(RecordKind.PERSON, mentioned=True).get(key)
    return known is not None and not known.archived
