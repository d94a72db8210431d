"""What people without a card ask for. `city_id` is city.id; `desk` is where the card lies ready, in the clerk's words."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key

OPEN = text("state IN ('asked', 'ready')")


class FirstCardWish(Base):
    """`why` is the reason of a refusal, for the person to read."""

    __tablename__ = "first_card_wish"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'ready', 'done', 'refused', 'withdrawn')", name="state"),
        CheckConstraint("(state IN ('asked', 'ready')) = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(state = 'done') = (card_id IS NOT NULL)", name="done_names_the_card"),
        CheckConstraint("(state = 'refused') = (why IS NOT NULL)", name="refused_says_why"),
        CheckConstraint("(ready_at IS NULL) = (desk IS NULL)", name="ready_names_the_desk"),
        CheckConstraint("state <> 'ready' OR ready_at IS NOT NULL", name="ready"),
        Index("uq_first_card_wish_person_id_open", "person_id", unique=True, postgresql_where=OPEN),
        Index("ix_first_card_wish_id_open", "id", postgresql_where=OPEN),
        Index("ix_first_card_wish_city_id_open", "city_id", "id", postgresql_where=OPEN),
        Index("ix_first_card_wish_person_id", "person_id", "id"),
    )

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(2))
    city_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    desk: Mapped[str | None] = mapped_column(String(80))
    decided_at: Mapped[datetime | None]
    why: Mapped[str | None] = mapped_column(String(200))
    card_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("card.id"))
