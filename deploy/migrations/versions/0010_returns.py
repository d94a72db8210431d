"""What a shop may take as cash for cards in a day, and what the teller finds by it."""

import sqlalchemy as sa
from alembic import op

revision = "0010_returns"
down_revision = "0009_onboarding"
branch_labels = None
depends_on = None

OWNER = "pilgrim_ledger"
# The teller adds up a shop's day once, when it first meets it. Purchases do not enter this index.
CASH_INDEX = """
    CREATE INDEX entry_cash_of_shop ON ledger.entry (business_date, shop_id)
    WHERE kind = 2 AND shop_id IS NOT NULL"""


def upgrade() -> None:
    op.add_column("contract", sa.Column("cash_limit_rial", sa.BigInteger))
    op.create_check_constraint("ck_contract_cash_limit_rial", "contract", "cash_limit_rial > 0")
    op.execute(f"SET LOCAL ROLE {OWNER}")
    op.execute(CASH_INDEX)
    op.execute("RESET role")


def downgrade() -> None:
    op.execute("DROP INDEX ledger.entry_cash_of_shop")
    op.drop_column("contract", "cash_limit_rial")
