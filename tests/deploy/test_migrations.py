import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, text
from sqlalchemy.orm import Session

import cardbank.families.models
import cardbank.gifts.models
import cardbank.issuing.models
import cardbank.kinds.models
import cardbank.pins.models
import identity.claims.models
import identity.models
import insights.quality.models
import insights.reports.models
import kernel.messages.models
import kernel.repeats
import kernel.watch
import loyalty.benefits.models
import loyalty.groups.models
import loyalty.inbox.models
import loyalty.letters.models
import loyalty.models
import merchants.batches.models
import merchants.branches.models
import merchants.campaigns.models
import merchants.cash.models
import merchants.catalogue.models
import merchants.complaints.models
import merchants.debts.models
import merchants.dues.models
import merchants.enrolment.models
import merchants.fields.models
import merchants.giving.models
import merchants.inspections.models
import merchants.instalments.models
import merchants.leaving.models
import merchants.look.models
import merchants.models
import merchants.onboarding.models
import merchants.outages.models
import merchants.permits.models
import merchants.quotas.models
import merchants.settlement.models
import merchants.stock.models
import merchants.tags.models
import merchants.till.models
import merchants.webhooks.models
import merchants.works.models
import places.directory.models
import places.history.models
import places.hours.models
import places.keeping.models
import places.maps.models
import places.models
import places.moon.models
import places.pages.models
import reservations.bookings.models
import reservations.help.models
import reservations.lodging.models
import reservations.programmes.models
from kernel.db import Base
from tests.factories import ACTOR, organisation

OURS = {
    table.name
    for table in Base.metadata.sorted_tables
    for module in (
        kernel.repeats,
        kernel.messages.models,
        loyalty.inbox.models,
        merchants.outages.models,
        merchants.quotas.models,
        merchants.dues.models,
        kernel.watch,
        identity.claims.models,
        identity.models,
        places.models,
        places.moon.models,
        places.hours.models,
        places.directory.models,
        places.keeping.models,
        places.maps.models,
        places.pages.models,
        places.history.models,
        merchants.fields.models,
        loyalty.models,
        loyalty.benefits.models,
        loyalty.groups.models,
        loyalty.letters.models,
        merchants.models,
        merchants.catalogue.models,
        merchants.onboarding.models,
        cardbank.gifts.models,
        merchants.enrolment.models,
        merchants.cash.models,
        reservations.lodging.models,
        reservations.programmes.models,
        reservations.bookings.models,
        reservations.help.models,
        cardbank.families.models,
        merchants.giving.models,
        merchants.leaving.models,
        merchants.inspections.models,
        merchants.instalments.models,
        merchants.settlement.models,
        merchants.batches.models,
        merchants.debts.models,
        merchants.stock.models,
        merchants.tags.models,
        merchants.till.models,
        merchants.look.models,
        merchants.complaints.models,
        insights.quality.models,
        insights.reports.models,
        merchants.webhooks.models,
        merchants.works.models,
        merchants.permits.models,
        merchants.campaigns.models,
        merchants.branches.models,
        cardbank.issuing.models,
        cardbank.kinds.models,
        cardbank.pins.models,
    )
    if any(getattr(model, "__table__", None) is table for model in vars(module).values())
}
# Their own foreign keys lead into the ledger, whose tables have no models.
NAMED = {"card", "member"}


def test_models_say_what_the_migrations_made(session: Session) -> None:
    def is_ours(name: str | None, kind: str, parents: dict[str, str | None]) -> bool:
        table = name if kind == "table" else parents.get("table_name")
        return kind == "schema" or table in OURS

    def is_compared(_table: object, name: str | None, kind: str, _is_read: object, _other: object) -> bool:
        return kind != "table" or name not in NAMED

    assert len(OURS) >= 17
    context = MigrationContext.configure(
        session.connection(), opts={"include_name": is_ours, "include_object": is_compared, "compare_type": True}
    )
    metadata = MetaData(naming_convention=Base.metadata.naming_convention)
    for table in Base.metadata.sorted_tables:
        if table.name in OURS | NAMED:
            table.to_metadata(metadata)
    assert compare_metadata(context, metadata) == []


def test_the_app_role_writes_everything_but_never_edits_the_audit(database_url: str, session: Session) -> None:
    organisation(session)
    session.execute(text("SET ROLE pilgrim_app"))
    organisation(session)
    session.flush()
    for statement in ("UPDATE audit_entry SET why = 'x'", "DELETE FROM audit_entry"):
        with pytest.raises(Exception, match="permission denied"), session.begin_nested():
            session.execute(text(statement))
    assert ACTOR.account_id is None
    with psycopg.connect(database_url) as other:
        tables = other.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
            "AND NOT has_table_privilege('pilgrim_app', oid, 'SELECT') AND relname <> 'alembic_version'"
        ).fetchall()
    assert tables == []
