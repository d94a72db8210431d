"""Tables of shops. All amounts are whole Rial and not negative."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class Merchant(Base):
    """`wallet_id` is the shop wallet in the ledger; `union_id` the guild union, an organisation."""

    __tablename__ = "merchant"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'suspended', 'closed')", name="status"),
        Index("ix_merchant_union_id", "union_id"),
    )

    id: Mapped[Key]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), unique=True)
    union_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    wallet_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(10), server_default="active")


class Branch(Base):
    """It sells while both it and its merchant are active. `licence_number` is of a branch with a licence of its own; the first
    one stands under the shop's. `noticed_days` is the last notice given before that licence ends; `heir_id` the branch that took
    over goods and debts of a closed one.
    """

    __tablename__ = "branch"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'suspended', 'closed')", name="status"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("(licence_number IS NULL) = (licence_expires_on IS NULL)", name="licence"),
        Index("ix_branch_merchant_id", "merchant_id"),
        Index("ix_branch_place_id", "place_id"),
        Index("ix_branch_place_id_closed", "place_id", postgresql_where=text("status = 'closed'")),
        Index("ix_branch_licence_expires_on", "licence_expires_on", postgresql_where=text("status = 'active'")),
        Index(
            "uq_branch_licence_number", "licence_number", unique=True,
            postgresql_where=text("licence_number IS NOT NULL AND status <> 'closed'"),
        ),
    )  # fmt: skip

    id: Mapped[Key]
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    status: Mapped[str] = mapped_column(String(10), server_default="active")
    licence_number: Mapped[str | None] = mapped_column(String(10))
    licence_expires_on: Mapped[date | None] = mapped_column(Date)
    noticed_days: Mapped[int | None] = mapped_column(SmallInteger)
    closed_at: Mapped[datetime | None]
    heir_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))


SELLS = (Merchant.status == "active") & (Branch.status == "active")


class ShopCell(Base):
    """Active branches of active shops in one cell of the map, 1/1024 of a degree wide and high; triggers of the database keep it.

    `x` and `y` count cells from 0° eastward and northward. Positions are summed in 1e-7 degrees; `branch_ids` is the sum of the
    branches' ids, which is the id where there is one.
    """

    __tablename__ = "shop_cell"

    x: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    y: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    shops: Mapped[int] = mapped_column(Integer)
    lon_e7: Mapped[int] = mapped_column(BigInteger)
    lat_e7: Mapped[int] = mapped_column(BigInteger)
    branch_ids: Mapped[int] = mapped_column(BigInteger)


class Terminal(Base):
    """`code` is DE41, `acceptor_id` DE42; `initial_key_id` is the 8 bytes of the AES-DUKPT initial key id, in hex."""

    __tablename__ = "terminal"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'suspended', 'closed')", name="status"),
        CheckConstraint("kind IN ('counter', 'portable', 'kiosk', 'web')", name="kind"),
        Index("ix_terminal_branch_id", "branch_id"),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(8), unique=True)
    acceptor_id: Mapped[str] = mapped_column(String(15))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    status: Mapped[str] = mapped_column(String(10), server_default="active")
    initial_key_id: Mapped[str] = mapped_column(String(16), unique=True)
    language: Mapped[str] = mapped_column(String(2))
    kind: Mapped[str] = mapped_column(String(10))
    opened_at: Mapped[datetime]


class Contract(Base):
    """One version; holds from `starts_at` until before `ends_at`. No limit per purchase where `purchase_limit_rial` is null.

    `cash_limit_rial` is what the shop may take as cash for cards in a business day; null = it may not take any.
    """

    __tablename__ = "contract"
    __table_args__ = (
        ExcludeConstraint(
            ("merchant_id", "="),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            name="ex_contract_one_at_a_time",
            using="gist",
        ),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="period"),
        CheckConstraint("purchase_limit_rial > 0", name="purchase_limit_rial"),
        CheckConstraint("cash_limit_rial > 0", name="cash_limit_rial"),
        CheckConstraint("programme_id IS NOT NULL OR NOT (earns OR spends)", name="programme_given"),
    )

    id: Mapped[Key]
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    earns: Mapped[bool] = mapped_column(Boolean)
    spends: Mapped[bool] = mapped_column(Boolean)
    purchase_limit_rial: Mapped[int | None] = mapped_column(BigInteger)
    cash_limit_rial: Mapped[int | None] = mapped_column(BigInteger)
