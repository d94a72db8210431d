"""Tables of people, organisations and proofs of signing in. Names are language → text."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
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

LANGUAGES = ("fa", "en", "ar", "ur")


class Person(Base):
    """`email` is confirmed by a code that was sent there. `letters_by` is the channel the person chose for letters.

    `calendar` is the one the person reads dates in, where that is not the language's.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("letters_by IN ('sms', 'email')", name="letters_by"),
        CheckConstraint("calendar IN ('gregorian', 'jalali', 'lunar')", name="calendar"),
        CheckConstraint("letters_by <> 'email' OR email IS NOT NULL", name="letters_reach"),
    )

    id: Mapped[Key]
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    language: Mapped[str] = mapped_column(String(2))
    mobile: Mapped[str | None] = mapped_column(String(16), index=True)
    email: Mapped[str | None] = mapped_column(String(120), index=True)
    letters_by: Mapped[str] = mapped_column(String(5), server_default="sms")
    birth_date: Mapped[date | None] = mapped_column(Date)
    calendar: Mapped[str | None] = mapped_column(String(9))
    is_fictional: Mapped[bool] = mapped_column(Boolean, server_default="false")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Document(Base):
    """`number` is normalised: ASCII digits and capitals, national ids padded to ten digits. `country` is ISO 3166-1 alpha-3.

    `expires_on` is known of a passport whose last day a desk has confirmed.
    """

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("kind", "country", "number"),
        CheckConstraint("kind IN ('foreign_code', 'national_id', 'passport')", name="kind"),
        Index("ix_document_person_id", "person_id"),
    )

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(16))
    country: Mapped[str] = mapped_column(String(3))
    number: Mapped[str] = mapped_column(String(20))
    expires_on: Mapped[date | None] = mapped_column(Date)


class Organisation(Base):
    """`names` are what people read; `legal_name` is that of licence and bank account where it differs."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('merchant', 'union', 'municipality', 'city_office', 'operator', 'sponsor', 'endowment')", name="kind"
        ),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(16))
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    legal_name: Mapped[str | None] = mapped_column(String(120))
    is_fictional: Mapped[bool] = mapped_column(Boolean, server_default="false")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Membership(Base):
    """`branch_id` is opaque here: the package that owns branches validates it."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint(
            "person_id", "organisation_id", "role", "branch_id",
            name="uq_membership_once", postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("(role = 'pilgrim') = (organisation_id IS NULL)", name="organisation_given"),
        CheckConstraint(
            "role IN ('applicant', 'cashier', 'city_manager', 'merchant', 'municipality', 'operator', 'pilgrim', 'union', 'sponsor')", name="role"
        ),
        Index("ix_membership_organisation_id", "organisation_id"),
    )  # fmt: skip

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[str] = mapped_column(String(16))
    branch_id: Mapped[int | None] = mapped_column(BigInteger)


class SignIn(Base):
    """`name_key` is the folded name people may type in any digits and letters; one account each."""

    __tablename__ = "sign_in"

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    name_key: Mapped[str] = mapped_column(String(80), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2))
    closed_at: Mapped[datetime | None]


class SignInFailure(Base):
    """A failed try, kept for the length of the window. `name_digest` is keyed: people type passwords into the wrong field."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index("ix_sign_in_failure_name_digest_at", "name_digest", "at"),)

    id: Mapped[Key]
    name_digest: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]


class Invitation(Base):
    """A one-time code; the code itself is not kept. It lets a person on record open a sign-in (`person_id`), or lets whoever
    brings it into an organisation with a role (`organisation_id`, `role`, `branch_id`).
    """

    __tablename__ = "invitation"
    __table_args__ = (
        Index("ix_invitation_person_id", "person_id"),
        Index("ix_invitation_organisation_id", "organisation_id"),
        CheckConstraint("(person_id IS NULL) <> (organisation_id IS NULL)", name="one_purpose"),
        CheckConstraint("(organisation_id IS NULL) = (role IS NULL)", name="role_given"),
    )

    id: Mapped[Key]
    code_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[str | None] = mapped_column(String(16))
    branch_id: Mapped[int | None] = mapped_column(BigInteger)
    name: Mapped[str | None] = mapped_column(String(80))
    contact: Mapped[str | None] = mapped_column(String(120))
    usable_until: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Authenticator(Base):
    """The app that makes a person's one-time codes (RFC 6238). It counts once `confirmed_at` is given.

    `last_step` is the newest time step whose code was taken: that code and older ones are refused from then on.
    """

    __tablename__ = "authenticator"

    sign_in_id: Mapped[int] = mapped_column(ForeignKey("sign_in.id"), primary_key=True, autoincrement=False)
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(BigInteger, server_default="0")


class RecoveryCode(Base):
    """Stands in for the authenticator once; a new set takes the place of the old one."""

    __tablename__ = "recovery_code"
    __table_args__ = (Index("ix_recovery_code_sign_in_id", "sign_in_id"),)

    id: Mapped[Key]
    sign_in_id: Mapped[int] = mapped_column(ForeignKey("sign_in.id"))
    code_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    used_at: Mapped[datetime | None]


class HalfSignIn(Base):
    """Name and password were right and the one-time code is still awaited; the token is used up by the code."""

    __tablename__ = "half_sign_in"

    id: Mapped[Key]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    sign_in_id: Mapped[int] = mapped_column(ForeignKey("sign_in.id"))
    usable_until: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PhoneCode(Base):
    """A code that was asked for a mobile number, whether anybody has it or not. Number and code stand here as keyed digests.

    `asked_by` is the sign-in that wants the number for its own; None where somebody asks to sign in.
    """

    __tablename__ = "phone_code"
    __table_args__ = (
        Index("ix_phone_code_mobile_digest_created_at", "mobile_digest", "created_at"),
        Index("ix_phone_code_asked_by_created_at", "asked_by", "created_at", postgresql_where=text("asked_by IS NOT NULL")),
    )

    id: Mapped[Key]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    mobile_digest: Mapped[bytes] = mapped_column(LargeBinary)
    code_digest: Mapped[bytes] = mapped_column(LargeBinary)
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0", default=0)
    created_at: Mapped[datetime]
    usable_until: Mapped[datetime]
    used_at: Mapped[datetime | None]
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("sign_in.id"))


class EmailCode(Base):
    """A code that was sent to an address that a person says is theirs. The address stands sealed while the code may be typed, and as a
    keyed digest as long as codes are counted.
    """

    __tablename__ = "email_code"
    __table_args__ = (
        Index("ix_email_code_person_id_created_at", "person_id", "created_at"),
        Index("ix_email_code_email_digest_created_at", "email_digest", "created_at"),
    )

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    email_digest: Mapped[bytes] = mapped_column(LargeBinary)
    email_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    code_digest: Mapped[bytes] = mapped_column(LargeBinary)
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0", default=0)
    created_at: Mapped[datetime]
    usable_until: Mapped[datetime]


class DeskCode(Base):
    """A code that a desk gave to who signs in by a document; the code stands here as a keyed digest, bound to the person."""

    __tablename__ = "desk_code"
    __table_args__ = (Index("uq_desk_code_person_id_live", "person_id", unique=True, postgresql_where=text("ended_at IS NULL")),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    code_digest: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    usable_until: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Coming(Base):
    """A pilgrim who said before the journey that they come. `sealed` holds the form until a desk puts them on record or the row is
    forgotten; `document_digest` is keyed and only finds the same document again. `country` and the day stay, to be counted.
    """

    __tablename__ = "coming"
    __table_args__ = (
        CheckConstraint("(sealed IS NULL) = (document_digest IS NULL)", name="sealed_with_digest"),
        CheckConstraint("person_id IS NULL OR sealed IS NULL", name="forgotten_when_received"),
        Index("ix_coming_document_digest", "document_digest", postgresql_where=text("document_digest IS NOT NULL")),
        Index("ix_coming_arrives_on", "arrives_on"),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(8), unique=True)
    country: Mapped[str] = mapped_column(String(3))
    language: Mapped[str] = mapped_column(String(2))
    arrives_on: Mapped[date] = mapped_column(Date)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    document_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]


class HelpCode(Base):
    """A one-time code by which a person lets another help; `may` are acts of `identity.helping`."""

    __tablename__ = "help_code"

    id: Mapped[Key]
    code_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    may: Mapped[list[str]] = mapped_column(JSONB)
    usable_until: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Helping(Base):
    """`helper_id` may do some acts for `person_id`, until either ends it; one at a time for two people."""

    __tablename__ = "helping"
    __table_args__ = (
        CheckConstraint("person_id <> helper_id", name="two_people"),
        Index("uq_helping_live", "person_id", "helper_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_helping_helper_id", "helper_id"),
    )

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    helper_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    may: Mapped[list[str]] = mapped_column(JSONB)
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class MessageConsent(Base):
    """A person has let an organisation write to them; the row goes when they end it."""

    __tablename__ = "message_consent"
    __table_args__ = (Index("ix_message_consent_organisation_id", "organisation_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True, autoincrement=False)
    since: Mapped[datetime]


class SecurityNotice(Base):
    """What the holder of a sign-in is told on their pages: somebody changed how it is protected."""

    __tablename__ = "security_notice"
    __table_args__ = (Index("ix_security_notice_sign_in_id_at", "sign_in_id", "at"),)

    id: Mapped[Key]
    sign_in_id: Mapped[int] = mapped_column(ForeignKey("sign_in.id"))
    kind: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime]


class WebSession(Base):
    """`device` is a word of the door, such as `firefox/linux`; what a browser says of itself is not kept."""

    __tablename__ = "web_session"
    __table_args__ = (Index("ix_web_session_sign_in_id", "sign_in_id"),)

    id: Mapped[Key]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    sign_in_id: Mapped[int] = mapped_column(ForeignKey("sign_in.id"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(String(40), server_default="")


class RefreshToken(Base):
    """One use each; all that came from one sign-in share a family, which dies when a used one comes back."""

    __tablename__ = "refresh_token"
    __table_args__ = (Index("ix_refresh_token_family", "family"),)

    id: Mapped[Key]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    family: Mapped[str] = mapped_column(UUID(as_uuid=False))
    sign_in_id: Mapped[int] = mapped_column(ForeignKey("sign_in.id"))
    created_at: Mapped[datetime]
    usable_until: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
