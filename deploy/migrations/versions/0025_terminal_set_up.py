"""Devices that set themselves up as tills."""

import sqlalchemy as sa
from alembic import op

revision = "0025_terminal_set_up"
down_revision = "0024_shop_cells"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("terminal_issue", sa.Column("issued_by", sa.BigInteger))
    op.create_foreign_key("fk_terminal_issue_issued_by_sign_in", "terminal_issue", "sign_in", ["issued_by"], ["id"])
    op.create_table(
        "terminal_set_up",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("terminal_id", sa.BigInteger, nullable=False),
        sa.Column("serial", sa.String(40), nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("claim_digest", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(10), server_default="waiting", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.BigInteger),
        sa.Column("decided_by", sa.BigInteger),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_terminal_set_up"),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminal.id"], name="fk_terminal_set_up_terminal_id_terminal"),
        sa.ForeignKeyConstraint(["issued_by"], ["sign_in.id"], name="fk_terminal_set_up_issued_by_sign_in"),
        sa.ForeignKeyConstraint(["decided_by"], ["sign_in.id"], name="fk_terminal_set_up_decided_by_sign_in"),
        sa.UniqueConstraint("claim_digest", name="uq_terminal_set_up_claim_digest"),
        sa.CheckConstraint("state IN ('waiting', 'approved', 'refused')", name="ck_terminal_set_up_state"),
        sa.CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="ck_terminal_set_up_decided"),
        sa.CheckConstraint("state <> 'approved' OR decided_by IS DISTINCT FROM issued_by", name="ck_terminal_set_up_four_eyes"),
    )
    op.create_index("ix_terminal_set_up_terminal_id", "terminal_set_up", ["terminal_id"])


def downgrade() -> None:
    op.drop_table("terminal_set_up")
    op.drop_constraint("fk_terminal_issue_issued_by_sign_in", "terminal_issue")
    op.drop_column("terminal_issue", "issued_by")
