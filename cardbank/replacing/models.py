"""What holders ask for. `city_id` is city.id, whose desks hand the new card over."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key

WAITING = text("state = 'waiting'")


class CardReplacement(Base):
    __tablename__ = "card_replacement"
    __table_args__ = (
        CheckConstraint("why IN ('lost', 'stolen', 'damaged', 'expired')", name="why"),
        CheckConstraint("state IN ('waiting', 'done', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(state = 'done') = (new_card_id IS NOT NULL)", name="done_names_the_card"),
        Index("uq_card_replacement_waiting", "card_id", unique=True, postgresql_where=WAITING),
        Index("ix_card_replacement_city_id_waiting", "city_id", "id", postgresql_where=WAITING),
    )

    id: Mapped[Key]
    card_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("card.id"))
    city_id: Mapped[int] = mapped_column(BigInteger)
    why: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    new_card_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("card.id"))
