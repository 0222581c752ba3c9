"""Entries are part of their transaction's row, so that none is ever without the others; see decision 20."""

from alembic import op

revision = "0087"
down_revision = "0086"

_COLUMNS = """
CREATE TYPE ledger_opening AS (
    lot_id uuid,
    root_id uuid,
    earning_id uuid,
    earned_at timestamptz,
    counts_from timestamptz,
    expires_at timestamptz
);
ALTER TABLE ledger_transactions ADD COLUMN accounts text[] COLLATE "C",
    ADD COLUMN amounts bigint[], ADD COLUMN lot_ids uuid[], ADD COLUMN openings ledger_opening[];
"""

# The table's own rule against changes is the owner's to set aside, for this once.
_MOVE = """
ALTER TABLE ledger_transactions DISABLE TRIGGER ledger_transactions_stay;
UPDATE ledger_transactions t
    SET accounts = e.accounts, amounts = e.amounts, lot_ids = e.lot_ids, openings = e.openings
    FROM (SELECT tenant_id, transaction_id, array_agg(account ORDER BY line) AS accounts,
            array_agg(points ORDER BY line) AS amounts, array_agg(lot_id ORDER BY line) AS lot_ids,
            array_agg((lot_id, root_id, earning_id, earned_at, counts_from, expires_at)
                ::ledger_opening ORDER BY line) FILTER (WHERE opens) AS openings
        FROM ledger_entries GROUP BY tenant_id, transaction_id) e
    WHERE t.tenant_id = e.tenant_id AND t.id = e.transaction_id;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE ledger_transactions ENABLE TRIGGER ledger_transactions_stay;
ALTER TABLE ledger_transactions DROP CONSTRAINT ledger_whole;
DROP TABLE ledger_entries;
DROP FUNCTION ledger_apply();
ALTER TABLE ledger_transactions DROP COLUMN lines,
    ADD CONSTRAINT ledger_nothing_moved
        CHECK ((number IS NULL) = (accounts IS NULL)) NOT VALID;
"""

_VIEW = """
CREATE VIEW ledger_entries WITH (security_invoker = true) AS
    SELECT t.tenant_id, t.id AS transaction_id, e.line, e.account, e.points, e.lot_id
    FROM ledger_transactions t CROSS JOIN LATERAL unnest(t.accounts, t.amounts, t.lot_ids)
        WITH ORDINALITY AS e (account, points, lot_id, line);
GRANT SELECT ON ledger_entries TO "loyalty_runtime";
"""

# PostgreSQL reads the text of each CHECK anew for every statement, so these are short.
_CHECKS = """
ALTER TABLE ledger_balances DROP CONSTRAINT ledger_balance_there,
    ADD CONSTRAINT ledger_balance_there
        CHECK (least(pending, reserved, redeemed, expired, reversed) >= 0) NOT VALID;
ALTER TABLE ledger_lots DROP CONSTRAINT ledger_lot_there,
    ADD CONSTRAINT ledger_lot_there
        CHECK (least(pending, reserved, redeemed, expired, reversed) >= 0) NOT VALID;
"""

_REFUSE = """
CREATE FUNCTION ledger_refuse(why text, broken text, state text DEFAULT 'check_violation')
    RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', why USING ERRCODE = state, CONSTRAINT = broken;
END $$;
"""

# Runs as the owner, since nobody else may write balances and lots. What it raises are violations of
# constraints by name, as those of the tables are. The plans are made once: planning costs more than
# all the rest. Nearly all transactions are about one lot, whose sums are then the transaction's.
_APPLY = """
CREATE FUNCTION ledger_apply() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    entries integer := cardinality(NEW.accounts);
    opened integer := coalesce(cardinality(NEW.openings), 0);
    lot uuid := NEW.lot_ids[1];
    is_one boolean := opened < 2;
    amount bigint;
    issued_by bigint := 0;
    pending_by bigint := 0;
    available_by bigint := 0;
    reserved_by bigint := 0;
    redeemed_by bigint := 0;
    expired_by bigint := 0;
    reversed_by bigint := 0;
    opening ledger_opening;
    left_with bigint;
    below bigint := 0;
    changed bigint;
    lots bigint := 1;
BEGIN
    IF entries < 2 OR cardinality(NEW.amounts) IS DISTINCT FROM entries
        OR cardinality(NEW.lot_ids) IS DISTINCT FROM entries
    THEN
        PERFORM ledger_refuse('entries are not whole', 'ledger_whole');
    END IF;
    FOR line IN 1 .. entries LOOP
        amount := NEW.amounts[line];
        IF amount = 0 THEN
            PERFORM ledger_refuse('an entry moves nothing', 'ledger_something');
        END IF;
        CASE NEW.accounts[line]
            WHEN 'available' THEN available_by := available_by + amount;
            WHEN 'issued' THEN issued_by := issued_by + amount;
            WHEN 'redeemed' THEN redeemed_by := redeemed_by + amount;
            WHEN 'reserved' THEN reserved_by := reserved_by + amount;
            WHEN 'pending' THEN pending_by := pending_by + amount;
            WHEN 'expired' THEN expired_by := expired_by + amount;
            WHEN 'reversed' THEN reversed_by := reversed_by + amount;
            ELSE PERFORM ledger_refuse('there is no such account of points', 'ledger_accounts');
        END CASE;
        IF NEW.lot_ids[line] IS DISTINCT FROM lot THEN
            is_one := false;
        END IF;
    END LOOP;
    -- Whatever has no amount leaves a sum without one.
    IF (issued_by + pending_by + available_by + reserved_by + redeemed_by + expired_by
        + reversed_by) IS DISTINCT FROM 0
    THEN
        PERFORM ledger_refuse('entries do not sum to zero', 'ledger_sums_to_zero');
    END IF;

    UPDATE ledger_balances SET issued = issued + issued_by, pending = pending + pending_by,
        available = available + available_by, reserved = reserved + reserved_by,
        redeemed = redeemed + redeemed_by, expired = expired + expired_by,
        reversed = reversed + reversed_by, number = NEW.number, last_at = NEW.at,
        idle_at = CASE WHEN NEW.active THEN NEW.idle_at ELSE idle_at END
    WHERE tenant_id = NEW.tenant_id AND member_id = NEW.member_id
        AND program_id IS NOT DISTINCT FROM NEW.program_id -- not a way to find the row
        AND number + 1 = NEW.number AND (last_at IS NULL OR last_at <= NEW.at)
    RETURNING available INTO left_with;
    IF NOT FOUND THEN
        PERFORM ledger_refuse('a transaction is not the next of its member', 'ledger_in_turn');
    END IF;

    IF is_one AND opened = 1 THEN
        opening := NEW.openings[1];
        INSERT INTO ledger_lots (tenant_id, id, program_id, member_id, earning_id, root_id,
            earned_at, counts_from, expires_at, points, pending, available, reserved, redeemed,
            expired, reversed)
        VALUES (NEW.tenant_id, opening.lot_id, NEW.program_id, NEW.member_id,
            coalesce(opening.earning_id, NEW.id), opening.root_id,
            coalesce(opening.earned_at, NEW.at), opening.counts_from, opening.expires_at,
            -issued_by, pending_by, available_by, reserved_by, redeemed_by, expired_by,
            reversed_by);
        changed := (opening.lot_id = lot)::integer;
    ELSIF is_one THEN
        UPDATE ledger_lots SET pending = pending + pending_by,
            available = available + available_by, reserved = reserved + reserved_by,
            redeemed = redeemed + redeemed_by, expired = expired + expired_by,
            reversed = reversed + reversed_by
        WHERE tenant_id = NEW.tenant_id AND id = lot AND member_id = NEW.member_id
        RETURNING 1, (available < 0)::integer INTO changed, below;
    ELSE
        WITH moved AS (
            SELECT lot_id, coalesce(sum(points) FILTER (WHERE account = 'issued'), 0) AS issued,
                coalesce(sum(points) FILTER (WHERE account = 'pending'), 0) AS pending,
                coalesce(sum(points) FILTER (WHERE account = 'available'), 0) AS available,
                coalesce(sum(points) FILTER (WHERE account = 'reserved'), 0) AS reserved,
                coalesce(sum(points) FILTER (WHERE account = 'redeemed'), 0) AS redeemed,
                coalesce(sum(points) FILTER (WHERE account = 'expired'), 0) AS expired,
                coalesce(sum(points) FILTER (WHERE account = 'reversed'), 0) AS reversed
            FROM unnest(NEW.accounts, NEW.amounts, NEW.lot_ids) AS e (account, points, lot_id)
            GROUP BY lot_id
        ), added AS (
            INSERT INTO ledger_lots (tenant_id, id, program_id, member_id, earning_id, root_id,
                earned_at, counts_from, expires_at, points, pending, available, reserved, redeemed,
                expired, reversed)
            SELECT NEW.tenant_id, m.lot_id, NEW.program_id, NEW.member_id,
                coalesce(o.earning_id, NEW.id), o.root_id, coalesce(o.earned_at, NEW.at),
                o.counts_from, o.expires_at, -m.issued, m.pending, m.available, m.reserved,
                m.redeemed, m.expired, m.reversed
            FROM moved m JOIN unnest(NEW.openings) o ON o.lot_id = m.lot_id
            RETURNING available
        ), changed AS (
            UPDATE ledger_lots l SET pending = l.pending + m.pending,
                available = l.available + m.available, reserved = l.reserved + m.reserved,
                redeemed = l.redeemed + m.redeemed, expired = l.expired + m.expired,
                reversed = l.reversed + m.reversed
            FROM moved m
            WHERE l.tenant_id = NEW.tenant_id AND l.id = m.lot_id AND l.member_id = NEW.member_id
                AND NOT EXISTS (SELECT FROM unnest(NEW.openings) o WHERE o.lot_id = m.lot_id)
            RETURNING l.available
        )
        SELECT (SELECT count(*) FROM added) + (SELECT count(*) FROM changed),
            (SELECT count(*) FROM moved) + opened - (SELECT count(*) FROM added),
            (SELECT count(*) FROM added WHERE available < 0)
                + (SELECT count(*) FROM changed WHERE available < 0)
            INTO changed, lots, below;
    END IF;
    IF changed IS DISTINCT FROM lots THEN
        PERFORM ledger_refuse('entries name lots that the member does not have',
            'ledger_lots_of_member', 'foreign_key_violation');
    END IF;
    IF below > 0 OR left_with < 0 THEN
        PERFORM ledger_check_debts(NEW.tenant_id, NEW.id, available_by < 0);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_transactions_apply AFTER INSERT ON ledger_transactions
    FOR EACH ROW WHEN (NEW.number IS NOT NULL) EXECUTE FUNCTION ledger_apply();
"""


def upgrade() -> None:
    """Move the entries of old into their transactions; the table's name stays, as that of a view."""
    for statements in (_COLUMNS, _MOVE, _VIEW, _CHECKS, _REFUSE, _APPLY):
        op.execute(statements)
    op.execute("REVOKE ALL ON FUNCTION ledger_refuse(text, text, text) FROM PUBLIC")
