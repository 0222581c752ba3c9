"""Progressive profiling over REST: questions, what people were asked, and what to ask next."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from contacts.people.queries import READ as READ_PEOPLE
from contacts.profiling import operations, queries
from contacts.profiling.domain import ProfileQuestion, QuestionAsk
from contacts.profiling.models import (
    AskedQuestionIn,
    AskedQuestionOut,
    NextQuestionOut,
    NextQuestionQuery,
    ProfileQuestionIn,
    ProfileQuestionOut,
    ProfileQuestionPatch,
    ask_shown,
    changed,
    choice_shown,
    definition_in,
    shown,
    told_in,
)
from contacts.transaction import ContactsTx

READ = "contacts.profile_questions.read"
WRITE = "contacts.profile_questions.write"
READ_ASKS = "contacts.question_asks.read"
WRITE_ASKS = "contacts.question_asks.write"

profile_questions = Routes("/v1/contacts/profile-questions", tag="profiling")
profiling_of_people = Routes("/v1/contacts/people/<uuid:person_id>", tag="profiling")


@profile_questions.get("", permission=READ, listing=queries.QUESTIONS, returns=ProfileQuestionOut)
def list_profile_questions(call: Call[ContactsTx], listing: Listing) -> Reply:
    """List what people may be asked about themselves, in the order in which it is asked."""
    return Reply(call.read(queries.list_questions, listing))


@profile_questions.post(
    "", permission=WRITE, body=ProfileQuestionIn, returns=ProfileQuestionOut, status=201
)
def define_profile_question(call: Call[ContactsTx], body: ProfileQuestionIn) -> Response:
    """Define a question; its key, and what it asks for, are for good."""
    definition = definition_in(body)

    def reply(_tx: ContactsTx, question: ProfileQuestion) -> Reply:
        location = f"{profile_questions.prefix}/{question.id}"
        return Reply.created(location, shown(question), question.version)

    return call.run(lambda tx: operations.define_question(tx, definition), reply)


@profile_questions.get("/<uuid:profile_question_id>", permission=READ, returns=ProfileQuestionOut)
def get_profile_question(call: Call[ContactsTx], profile_question_id: UUID) -> Reply:
    """Get a question."""
    question = call.read(queries.get_question, profile_question_id)
    return Reply(question, version=question["version"])


@profile_questions.patch(
    "/<uuid:profile_question_id>",
    permission=WRITE,
    body=ProfileQuestionPatch,
    returns=ProfileQuestionOut,
)
def redefine_profile_question(
    call: Call[ContactsTx], body: ProfileQuestionPatch, profile_question_id: UUID
) -> Response:
    """Change a question; who was asked it stays asked."""
    return call.run(
        lambda tx: operations.redefine_question(
            tx, profile_question_id, lambda old: changed(old, body)
        ),
        _shown,
    )


@profile_questions.delete("/<uuid:profile_question_id>", permission=WRITE)
def archive_profile_question(call: Call[ContactsTx], profile_question_id: UUID) -> Response:
    """Archive a question: nobody is asked it any more."""
    return call.run(
        lambda tx: operations.archive_question(tx, profile_question_id),
        lambda _tx, _question: Reply.nothing(),
    )


@profile_questions.post(
    "/<uuid:profile_question_id>/restore", permission=WRITE, returns=ProfileQuestionOut
)
def restore_profile_question(call: Call[ContactsTx], profile_question_id: UUID) -> Response:
    """Take an archived question back into use."""
    return call.run(lambda tx: operations.restore_question(tx, profile_question_id), _shown)


@profiling_of_people.get(
    "/next-question",
    permission=READ_PEOPLE,
    query=NextQuestionQuery,
    returns=NextQuestionOut,
    problems=(422,),
)
def get_next_question(call: Call[ContactsTx], query: NextQuestionQuery, person_id: UUID) -> Reply:
    """Get the single question that is worth asking a person next for a purpose.

    It is the first, by position, of what is missing and was not declined, asked lately or asked
    often enough. Who was asked anything within `pause_hours` is left alone. Showing it is noted
    with `POST …/asked-questions`; asking for it notes nothing.
    """
    pause = timedelta(hours=query.pause_hours)
    who, choice = call.read(queries.next_question, person_id, query.purpose, pause)
    return Reply(choice_shown(who, query.purpose, choice))


@profiling_of_people.get(
    "/asked-questions", permission=READ_ASKS, listing=queries.ASKS, returns=AskedQuestionOut
)
def list_asked_questions(call: Call[ContactsTx], listing: Listing, person_id: UUID) -> Reply:
    """List what a person was asked, the latest first."""
    return Reply(call.read(queries.list_asks, listing, person_id))


@profiling_of_people.post(
    "/asked-questions",
    permission=WRITE_ASKS,
    body=AskedQuestionIn,
    returns=AskedQuestionOut,
    status=201,
)
def note_asked_question(call: Call[ContactsTx], body: AskedQuestionIn, person_id: UUID) -> Response:
    """Note that a person was asked a question, and whether they have answered or declined."""
    told = told_in(body)

    def reply(_tx: ContactsTx, ask: QuestionAsk) -> Reply:
        location = f"/v1/contacts/people/{ask.person_id}/asked-questions/{ask.id}"
        return Reply.created(location, ask_shown(ask), ask.version)

    return call.run(lambda tx: operations.note_ask(tx, person_id, told), reply)


@profiling_of_people.get(
    "/asked-questions/<uuid:ask_id>", permission=READ_ASKS, returns=AskedQuestionOut
)
def get_asked_question(call: Call[ContactsTx], person_id: UUID, ask_id: UUID) -> Reply:
    """Get one time that a person was asked."""
    ask = call.read(queries.get_ask, person_id, ask_id)
    return Reply(ask, version=ask["version"])


@profiling_of_people.delete("/asked-questions/<uuid:ask_id>", permission=WRITE_ASKS)
def remove_asked_question(call: Call[ContactsTx], person_id: UUID, ask_id: UUID) -> Response:
    """Remove that a person was asked, which was a mistake: also one who declined may be asked then."""
    return call.run(
        lambda tx: operations.remove_ask(tx, person_id, ask_id),
        lambda _tx, _ask: Reply.nothing(),
    )


def _shown(_tx: ContactsTx, question: ProfileQuestion) -> Reply:
    return Reply(shown(question), version=question.version)
