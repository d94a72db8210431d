"""City offices, saved views, finished files, webhooks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015_reports"
down_revision = "0014_staff_security"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "city_office",
        sa.Column("organisation_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("city_id", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_city_office_organisation_id_organisation"),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_city_office_city_id_city"),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_city_office"),
    )
    op.create_index("ix_city_office_city_id", "city_office", ["city_id"])
    # Until now there was no such record: where there is one city, every office is its own.
    op.execute("""
        INSERT INTO city_office (organisation_id, city_id)
        SELECT o.id, c.id FROM organisation o, city c
        WHERE o.kind = 'city_office' AND (SELECT count(*) FROM city) = 1
    """)
    op.create_index(
        "ix_priced_line_merchant", "priced_line", ["merchant_id", "business_date", "decided_at", "entry_id"]
    )
    op.add_column("priced_line", sa.Column("earned_rial", sa.BigInteger, server_default="0", nullable=False))
    op.execute("""
        UPDATE priced_line l SET earned_rial = legs.earned
        FROM (SELECT p.business_date, p.entry_id, sum(p.amount)::bigint AS earned
              FROM ledger.posting p JOIN ledger.account a ON a.id = p.account_id
              WHERE a.kind IN (4, 11) AND p.rule_id IS NOT NULL AND p.unit = 1
              GROUP BY p.business_date, p.entry_id) AS legs
        WHERE legs.business_date = l.business_date AND legs.entry_id = l.entry_id
    """)
    _create_reports()
    _create_webhooks()


def _create_reports() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("report", sa.String(16), nullable=False),
        sa.Column("asked", postgresql.JSONB, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_saved_view_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
        sa.UniqueConstraint("person_id", "name", name="uq_saved_view_person_id_name"),
    )
    op.create_table(
        "report_file",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("organisation_id", sa.BigInteger),
        sa.Column("form", sa.String(4), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("asked", postgresql.JSONB, nullable=False),
        sa.Column("words", postgresql.JSONB, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(8), server_default="making", nullable=False),
        sa.Column("rows_done", sa.Integer, server_default="0", nullable=False),
        sa.Column("rows_total", sa.Integer, nullable=False),
        sa.Column("after_date", sa.Date),
        sa.Column("after_id", sa.BigInteger),
        sa.Column("tries", sa.Integer, server_default="0", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("content", sa.LargeBinary),
        sa.CheckConstraint("state IN ('making', 'done', 'failed')", name="ck_report_file_state"),
        sa.CheckConstraint("form IN ('csv', 'xlsx')", name="ck_report_file_form"),
        sa.CheckConstraint("(state = 'done') = (content IS NOT NULL)", name="ck_report_file_content_given"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_report_file_person_id_person"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_report_file_organisation_id_organisation"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_report_file"),
    )
    op.create_index("ix_report_file_person_id", "report_file", ["person_id", "id"])
    making = sa.text("state = 'making'")
    op.create_index("ix_report_file_making", "report_file", ["id"], postgresql_where=making)
    op.create_index("uq_report_file_making", "report_file", ["person_id", "digest"], unique=True, postgresql_where=making)
    op.create_table(
        "report_piece",
        sa.Column("file_id", sa.BigInteger, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("rows", postgresql.JSONB, nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["report_file.id"], name="fk_report_piece_file_id_report_file", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("file_id", "number", name="pk_report_piece"),
    )


def _create_webhooks() -> None:
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("merchant_id", sa.BigInteger, nullable=False),
        sa.Column("address", sa.String(300), nullable=False),
        sa.Column("events", postgresql.JSONB, nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name="fk_webhook_endpoint_merchant_id_merchant"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_endpoint"),
    )
    op.create_index("ix_webhook_endpoint_merchant_id", "webhook_endpoint", ["merchant_id"])
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("endpoint_id", sa.BigInteger, nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("event_id", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), server_default="waiting", nullable=False),
        sa.Column("tries", sa.Integer, server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.SmallInteger),
        sa.Column("fault", sa.String(10)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'dead')", name="ck_webhook_delivery_state"),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoint.id"], name="fk_webhook_delivery_endpoint_id_webhook_endpoint", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_delivery"),
        sa.UniqueConstraint("endpoint_id", "event_id", name="uq_webhook_delivery_endpoint_id_event_id"),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index("ix_webhook_delivery_due", "webhook_delivery", ["due_at"], postgresql_where=waiting)
    op.create_index("ix_webhook_delivery_endpoint_id", "webhook_delivery", ["endpoint_id", "id"])


def downgrade() -> None:
    for table in ("webhook_delivery", "webhook_endpoint", "report_piece", "report_file", "saved_view"):
        op.drop_table(table)
    op.drop_column("priced_line", "earned_rial")
    op.drop_index("ix_priced_line_merchant", "priced_line")
    op.drop_table("city_office")
