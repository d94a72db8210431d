"""Tables of benefits. All amounts are whole Rial and above zero; what moved stands in the ledger, named by its entry."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class Sponsor(Base):
    """An organisation that pays for its members' benefits; `wallet_id` is its wallet in the ledger, which holds its budget."""

    __tablename__ = "sponsor"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True, autoincrement=False)
    wallet_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    opened_at: Mapped[datetime]


class Deposit(Base):
    """Money that the organisation says it has paid into the bank account; it counts once another person has seen it there."""

    __tablename__ = "benefit_deposit"
    __table_args__ = (
        CheckConstraint("amount_rial > 0", name="amount_rial"),
        CheckConstraint("status IN ('proposed', 'confirmed', 'refused', 'withdrawn')", name="status"),
        CheckConstraint("(status = 'confirmed') = (entry_id IS NOT NULL)", name="entry_given"),
        Index("ix_benefit_deposit_organisation_id", "organisation_id", "id"),
        Index(
            "uq_benefit_deposit_reference", "reference", unique=True,
            postgresql_where=text("status IN ('proposed', 'confirmed')"),
        ),
    )  # fmt: skip

    id: Mapped[Key]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("sponsor.organisation_id"))
    amount_rial: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str] = mapped_column(String(40))
    paid_on: Mapped[date] = mapped_column(Date)
    status: Mapped[str] = mapped_column(String(10), server_default="proposed")
    proposed_by: Mapped[int | None] = mapped_column(BigInteger)
    proposed_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None]
    why: Mapped[str | None] = mapped_column(String(200))
    business_date: Mapped[date | None] = mapped_column(Date)
    entry_id: Mapped[int | None] = mapped_column(BigInteger)


class Plan(Base):
    """What each member of a group gets, and where it is spent. Never edited but to end it; other terms are another plan.

    `kinds` are trades of shops, `cities` ids of cities, `shops` ids of merchants, empty where they do not limit: to this
    package they are words of who validates them, and the ledger knows them as `scope_id`. `lacking_rial` is what the budget
    lacked when the plan was last due.
    """

    __tablename__ = "benefit_plan"
    __table_args__ = (
        CheckConstraint("recurs IN ('once', 'monthly')", name="recurs"),
        CheckConstraint("amount_rial > 0", name="amount_rial"),
        CheckConstraint("ends_on >= starts_on", name="period"),
        Index("ix_benefit_plan_organisation_id", "organisation_id", "id"),
    )

    id: Mapped[Key]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("sponsor.organisation_id"))
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    amount_rial: Mapped[int] = mapped_column(BigInteger)
    recurs: Mapped[str] = mapped_column(String(8))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    group_name: Mapped[str] = mapped_column(String(40), server_default="")
    scope_id: Mapped[int] = mapped_column(BigInteger)
    kinds: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    cities: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    shops: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    lacking_rial: Mapped[int] = mapped_column(BigInteger, server_default="0")
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class BenefitMember(Base):
    """`called` is the name as the organisation wrote it, which learns nothing more of the person from here."""

    __tablename__ = "benefit_member"
    __table_args__ = (
        Index("ix_benefit_member_organisation_id", "organisation_id", "id"),
        Index(
            "uq_benefit_member_once", "organisation_id", "person_id", unique=True,
            postgresql_where=text("removed_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Key]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("sponsor.organisation_id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    called: Mapped[str] = mapped_column(String(80))
    document_end: Mapped[str] = mapped_column(String(4))
    group_name: Mapped[str] = mapped_column(String(40), server_default="")
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class BenefitImport(Base):
    """A list while it is being repaired, sealed, for it holds numbers of documents and cards; finished, only its length is kept."""

    __tablename__ = "benefit_import"
    __table_args__ = (
        CheckConstraint("(finished_at IS NULL) = (rows_sealed IS NOT NULL)", name="rows_kept"),
        Index("ix_benefit_import_organisation_id", "organisation_id"),
    )

    id: Mapped[Key]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("sponsor.organisation_id"))
    sign_in_id: Mapped[int] = mapped_column(ForeignKey("sign_in.id"))
    rows: Mapped[int] = mapped_column(Integer)
    rows_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    begun_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Run(Base):
    """One funding of a plan: what was set aside out of the budget, at once, for every member that had nothing of the period yet.

    `period` is the Jalali month (1405-09) of a monthly plan, empty of one that is funded once.
    """

    __tablename__ = "benefit_run"
    __table_args__ = (
        CheckConstraint("members > 0 AND amount_rial > 0", name="amounts"),
        Index("ix_benefit_run_plan_id", "plan_id", "id"),
    )

    id: Mapped[Key]
    plan_id: Mapped[int] = mapped_column(ForeignKey("benefit_plan.id"))
    period: Mapped[str] = mapped_column(String(7))
    members: Mapped[int] = mapped_column(Integer)
    amount_rial: Mapped[int] = mapped_column(BigInteger)
    usable_from: Mapped[datetime]
    usable_until: Mapped[datetime]
    funded_at: Mapped[datetime]
    funded_by: Mapped[int | None] = mapped_column(BigInteger)
    business_date: Mapped[date | None] = mapped_column(Date)
    entry_id: Mapped[int | None] = mapped_column(BigInteger)


class Grant(Base):
    """One member's part of a run: waiting until there is a card, given into the purse `account_id`, or returned to the budget."""

    __tablename__ = "benefit_grant"
    __table_args__ = (
        CheckConstraint("amount_rial > 0", name="amount_rial"),
        CheckConstraint("status IN ('waiting', 'given', 'returned')", name="status"),
        CheckConstraint("(status = 'given') = (account_id IS NOT NULL)", name="purse_given"),
        Index(
            "uq_benefit_grant_once", "plan_id", "period", "person_id", unique=True,
            postgresql_where=text("status <> 'returned'"),
        ),
        Index("ix_benefit_grant_run_id", "run_id"),
        Index("ix_benefit_grant_member_id", "member_id"),
        Index("ix_benefit_grant_waiting", "person_id", postgresql_where=text("status = 'waiting'")),
    )  # fmt: skip

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("benefit_run.id"))
    plan_id: Mapped[int] = mapped_column(ForeignKey("benefit_plan.id"))
    period: Mapped[str] = mapped_column(String(7))
    member_id: Mapped[int] = mapped_column(ForeignKey("benefit_member.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    amount_rial: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(8), server_default="waiting")
    account_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    given_at: Mapped[datetime | None]


class Return(Base):
    """What came back to the budget: of members who never got a card in time, or left unspent in purses."""

    __tablename__ = "benefit_return"
    __table_args__ = (
        CheckConstraint("source IN ('waiting', 'lapsed')", name="source"),
        CheckConstraint("amount_rial > 0", name="amount_rial"),
        Index("ix_benefit_return_organisation_id", "organisation_id", "id"),
    )

    id: Mapped[Key]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("sponsor.organisation_id"))
    source: Mapped[str] = mapped_column(String(8))
    amount_rial: Mapped[int] = mapped_column(BigInteger)
    returned_at: Mapped[datetime]
    business_date: Mapped[date | None] = mapped_column(Date)
    entry_id: Mapped[int | None] = mapped_column(BigInteger)
