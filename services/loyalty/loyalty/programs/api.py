"""Programs over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from loyalty.programs import operations, queries
from loyalty.programs.domain import Program
from loyalty.programs.models import (
    ClosingIn,
    ProgramIn,
    ProgramOut,
    ProgramPatch,
    changed_by,
    shown,
    terms_in,
)
from loyalty.transaction import LoyaltyTx

READ = "loyalty.programs.read"
WRITE = "loyalty.programs.write"

programs = Routes("/v1/loyalty/programs", tag="programs")


@programs.get("", permission=READ, listing=queries.PROGRAMS, returns=ProgramOut)
def list_programs(call: Call[LoyaltyTx], listing: Listing) -> Reply:
    """List programs, newest first unless asked otherwise."""
    return Reply(call.read(queries.list_programs, listing))


@programs.post(
    "", permission=WRITE, body=ProgramIn, returns=ProgramOut, status=201, problems=(409,)
)
def create_program(call: Call[LoyaltyTx], body: ProgramIn) -> Response:
    """Begin a program, as a draft; its key is for good."""
    terms = terms_in(body)

    def reply(_tx: LoyaltyTx, program: Program) -> Reply:
        return Reply.created(f"{programs.prefix}/{program.id}", shown(program), program.version)

    return call.run(lambda tx: operations.create_program(tx, body.key, terms), reply)


@programs.get("/<uuid:program_id>", permission=READ, returns=ProgramOut)
def get_program(call: Call[LoyaltyTx], program_id: UUID) -> Reply:
    """Get a program."""
    program = call.read(queries.get_program, program_id)
    return Reply(program, version=program["version"])


@programs.patch(
    "/<uuid:program_id>",
    permission=WRITE,
    body=ProgramPatch,
    returns=ProgramOut,
    problems=(409,),
)
def change_program(call: Call[LoyaltyTx], body: ProgramPatch, program_id: UUID) -> Response:
    """Change a program; what was earned and spent stays as it is."""
    stated = set(body.model_fields_set)
    return call.run(
        lambda tx: operations.change_program(
            tx, program_id, lambda terms: changed_by(body, terms, stated)
        ),
        _shown,
    )


@programs.post("/<uuid:program_id>/open", permission=WRITE, returns=ProgramOut)
def open_program(call: Call[LoyaltyTx], program_id: UUID) -> Response:
    """Have a program take members; a closed one does so again."""
    return call.run(lambda tx: operations.open_program(tx, program_id), _shown)


@programs.post(
    "/<uuid:program_id>/close",
    permission=WRITE,
    body=ClosingIn,
    returns=ProgramOut,
    problems=(409,),
)
def close_program(call: Call[LoyaltyTx], body: ClosingIn, program_id: UUID) -> Response:
    """Close a program: nobody joins or earns any more, and members spend until a day."""
    return call.run(lambda tx: operations.close_program(tx, program_id, body.redeem_until), _shown)


def _shown(_tx: LoyaltyTx, program: Program) -> Reply:
    return Reply(shown(program), version=program.version)
