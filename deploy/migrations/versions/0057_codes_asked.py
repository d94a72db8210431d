"""Who asked for the code of a number, so that nobody has codes sent to one number after the other."""

import sqlalchemy as sa
from alembic import op

revision = "0057_codes_asked"
down_revision = "0056_due_notices"
branch_labels = None
depends_on = None

INDEX = "ix_phone_code_asked_by_created_at"


def upgrade() -> None:
    op.add_column("phone_code", sa.Column("asked_by", sa.BigInteger))
    op.create_foreign_key("fk_phone_code_asked_by_sign_in", "phone_code", "sign_in", ["asked_by"], ["id"])
    op.create_index(INDEX, "phone_code", ["asked_by", "created_at"], postgresql_where=sa.text("asked_by IS NOT NULL"))


def downgrade() -> None:
    op.drop_index(INDEX, "phone_code")
    op.drop_column("phone_code", "asked_by")
