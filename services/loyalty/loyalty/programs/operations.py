"""What administrators do to programs; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from loyalty.programs.domain import Program, ProgramTerms
from loyalty.transaction import LoyaltyTx


def create_program(tx: LoyaltyTx, key: str, terms: ProgramTerms) -> Program:
    """Begin a program, as a draft. Raises `Invalid`, `Conflict` when the key is taken."""
    now = tx.clock.now()
    program = Program(id=tx.ids.new(), key=key, terms=terms, created_at=now, updated_at=now)
    program.create()
    tx.programs.add(program)
    return program


def change_program(
    tx: LoyaltyTx, program_id: UUID, changed: Callable[[ProgramTerms], ProgramTerms]
) -> Program:
    """Have a program go by other terms. Raises `NotFound`, `Invalid`, `Conflict`."""
    program = tx.programs.get(program_id)
    program.change(changed(program.terms), tx.clock.now())
    return program


def open_program(tx: LoyaltyTx, program_id: UUID) -> Program:
    """Have a program take members. Raises `NotFound`."""
    program = tx.programs.get(program_id)
    program.open(tx.clock.now())
    return program


def close_program(tx: LoyaltyTx, program_id: UUID, redeem_until: date | None) -> Program:
    """Have a program take nobody any more. Raises `NotFound`, `Invalid`, `Conflict`."""
    program = tx.programs.get(program_id)
    program.close(redeem_until, tx.clock.now())
    return program
