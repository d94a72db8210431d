"""Tables of shops' files. What is not given yet is null; positions are degrees, SRID 4326; dates are calendar days of the city."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key

STATES = "state IN ('applied', 'returned', 'union_review', 'municipality_review', 'active', 'suspended', 'closed')"
OPEN = text("state <> 'closed'")


class Trade(Base):
    """A trade of a city and the union it belongs to. `kind` is the kind of shop it opens."""

    __tablename__ = "trade"
    __table_args__ = (UniqueConstraint("city_id", "code"), Index("ix_trade_union_id", "union_id"))

    id: Mapped[Key]
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    union_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    code: Mapped[str] = mapped_column(String(40))
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    kind: Mapped[str] = mapped_column(String(20))


class Overseer(Base):
    """The municipality that oversees the shops of a city."""

    __tablename__ = "overseer"

    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"), primary_key=True, autoincrement=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))


class Application(Base):
    """A shop's file. `version` grows with each change of state; `key` is of the form that began it, so that it begins once.

    While returned, `asked` is what may be changed and `answered` the part of it that was given anew.
    """

    __tablename__ = "application"
    __table_args__ = (
        CheckConstraint(STATES, name="state"),
        CheckConstraint("source IN ('applicant', 'import')", name="source"),
        CheckConstraint("(lon IS NULL) = (lat IS NULL)", name="position"),
        CheckConstraint("(state IN ('active', 'suspended')) <= (merchant_id IS NOT NULL)", name="merchant_given"),
        Index("ix_application_union_id_state_id", "union_id", "state", "id", postgresql_include=["source"]),
        Index(
            "ix_application_municipality_id_state_id", "municipality_id", "state", "id", postgresql_include=["source"]
        ),
        Index("ix_application_organisation_id", "organisation_id"),
        Index("ix_application_search_text", "search_text", postgresql_using="gin", postgresql_ops={"search_text": "gin_trgm_ops"}),
        Index("ix_application_licence_expires_on", "licence_expires_on", postgresql_where=text("state = 'active'")),
        Index("uq_application_tax_code", "tax_code", unique=True, postgresql_where=OPEN),
        Index("uq_application_licence_number", "licence_number", unique=True, postgresql_where=OPEN),
    )  # fmt: skip

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    source: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    begun_on: Mapped[date] = mapped_column(Date)
    changed_at: Mapped[datetime]
    returned_from: Mapped[str | None] = mapped_column(String(20))
    asked: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    answered: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    suspended_by: Mapped[str | None] = mapped_column(String(20))
    legal_name: Mapped[str] = mapped_column(String(120))
    names: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    search_text: Mapped[str] = mapped_column(String(400), server_default="")
    trade_id: Mapped[int | None] = mapped_column(ForeignKey("trade.id"))
    union_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    legal_id: Mapped[str | None] = mapped_column(String(11))
    tax_code: Mapped[str | None] = mapped_column(String(10))
    licence_number: Mapped[str | None] = mapped_column(String(10))
    licence_expires_on: Mapped[date | None] = mapped_column(Date)
    noticed_days: Mapped[int | None] = mapped_column(SmallInteger)
    sheba: Mapped[str | None] = mapped_column(String(26))
    sheba_owner: Mapped[str | None] = mapped_column(String(120))
    address: Mapped[str | None] = mapped_column(String(300))
    lon: Mapped[float | None] = mapped_column(Float(53))
    lat: Mapped[float | None] = mapped_column(Float(53))
    contract_accepted_at: Mapped[datetime | None]
    merchant_id: Mapped[int | None] = mapped_column(ForeignKey("merchant.id"), unique=True)


class Paper(Base):
    """An uploaded document: `name` is random and names the stored file; the newest of a piece is the one that counts."""

    __tablename__ = "paper"
    __table_args__ = (Index("ix_paper_application_id_piece", "application_id", "piece"),)

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    piece: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(64), unique=True)
    media_type: Mapped[str] = mapped_column(String(40))
    size_bytes: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    sign_in_id: Mapped[int] = mapped_column(ForeignKey("sign_in.id"))
    at: Mapped[datetime]


class Decision(Base):
    """What was decided on one version of a file, by whom and why. `key` is of the form, so that it counts once."""

    __tablename__ = "decision"
    __table_args__ = (UniqueConstraint("application_id", "version"),)

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    version: Mapped[int] = mapped_column(Integer)
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    act: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    asked: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    why: Mapped[str | None] = mapped_column(String(400))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    sign_in_id: Mapped[int | None] = mapped_column(ForeignKey("sign_in.id"))
    decided_by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


class TerminalIssue(Base):
    """The one-time code a till is set up with; only its digest is kept, and a newer code ends an older one."""

    __tablename__ = "terminal_issue"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    terminal_id: Mapped[int] = mapped_column(ForeignKey("terminal.id"), unique=True)
    code_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    usable_until: Mapped[datetime]
    redeemed_at: Mapped[datetime | None]
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("sign_in.id"))


class TerminalSetUp(Base):
    """A device that used a till's code up and waits to be let in. `claim_digest` is of what it fetches its answer with.

    `public_key` is its P-256 key (DER). Approved, the till speaks under an initial key id that no device had before.
    """

    __tablename__ = "terminal_set_up"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'approved', 'refused')", name="state"),
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("state <> 'approved' OR decided_by IS DISTINCT FROM issued_by", name="four_eyes"),
        Index("ix_terminal_set_up_terminal_id", "terminal_id"),
    )

    id: Mapped[Key]
    terminal_id: Mapped[int] = mapped_column(ForeignKey("terminal.id"))
    serial: Mapped[str] = mapped_column(String(40))
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    claim_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    state: Mapped[str] = mapped_column(String(10), server_default="waiting")
    asked_at: Mapped[datetime]
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("sign_in.id"))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("sign_in.id"))
    decided_at: Mapped[datetime | None]


class MemberImport(Base):
    """A union's list as typed, row by row: `rows` is a list of {column: text}, {} where a row was left out. `finished_at` is when all of it became files."""

    __tablename__ = "member_import"
    __table_args__ = (Index("ix_member_import_union_id", "union_id"),)

    id: Mapped[Key]
    union_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    sign_in_id: Mapped[int] = mapped_column(ForeignKey("sign_in.id"))
    rows: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]
