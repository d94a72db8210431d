"""City offices, saved views, finished files, webhooks."""

import sqlalchemy as sa
from alembic import op

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


def downgrade() -> None:
    op.drop_index("ix_priced_line_merchant", "priced_line")
    op.drop_table("city_office")
