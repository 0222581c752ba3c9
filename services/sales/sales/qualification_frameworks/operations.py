"""What administrators do to frameworks; each function is one transaction, or part of one."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid5

from chassis.domain import Conflict
from sales.qualification_frameworks.built_in import BANT
from sales.qualification_frameworks.domain import (
    MOST_FRAMEWORKS,
    FrameworkDefinition,
    QualificationFramework,
)
from sales.qualification_frameworks.storage import newest_definition
from sales.transaction import SalesTx

BANT_TAKEN = "qualification_frameworks_pkey"


def define_framework(tx: SalesTx, definition: FrameworkDefinition) -> QualificationFramework:
    """Define a framework. Raises `Invalid`, `Conflict` when there are too many."""
    if tx.qualification_frameworks.count() >= MOST_FRAMEWORKS:
        message = f"There are {MOST_FRAMEWORKS} qualification frameworks already."
        raise Conflict(message, code="too_many_frameworks")
    framework = QualificationFramework.define(tx.ids.new(), definition, tx.clock.now())
    tx.qualification_frameworks.add(framework)
    return framework


def redefine_framework(
    tx: SalesTx, framework_id: UUID, change: Callable[[FrameworkDefinition], FrameworkDefinition]
) -> QualificationFramework:
    """Change what new assessments go by. Raises `NotFound`, `Invalid`, `Conflict`."""
    framework = tx.qualification_frameworks.get(framework_id)
    framework.redefine(change(framework.definition), tx.clock.now())
    return framework


def archive_framework(tx: SalesTx, framework_id: UUID) -> QualificationFramework:
    """Have nothing new assessed by a framework. Raises `NotFound`."""
    framework = tx.qualification_frameworks.get(framework_id)
    framework.archive(tx.clock.now())
    return framework


def restore_framework(tx: SalesTx, framework_id: UUID) -> QualificationFramework:
    """Take an archived framework back into use. Raises `NotFound`."""
    framework = tx.qualification_frameworks.get(framework_id)
    framework.restore(tx.clock.now())
    return framework


def bant_id(tenant_id: UUID) -> UUID:
    """The id that BANT has in a tenant."""
    return uuid5(tenant_id, "qualification_framework:bant")


def give_bant(tx: SalesTx) -> None:
    """Have a tenant have BANT; nothing happens once it does, archived or changed."""
    framework_id = bant_id(tx.tenant_id)
    if newest_definition(tx, framework_id) is None:
        tx.try_again_on(BANT_TAKEN)
        bant = QualificationFramework.define(framework_id, BANT, tx.clock.now())
        tx.qualification_frameworks.add(bant)
        tx.flush()
