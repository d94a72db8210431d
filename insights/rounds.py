"""Rounds: everything of a kind is looked at anew within minutes, a slice a turn; after the last slice the round begins again."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import BigInteger, CheckConstraint, SmallInteger, func, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, declared_attr, mapped_column

from kernel import clock


class Round:
    """The one round that is under way: what comes up to `after` was looked at since `begun_at`, everything since `whole_since`."""

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False, server_default="1")
    after: Mapped[int] = mapped_column(BigInteger, server_default="0")
    begun_at: Mapped[datetime | None]
    whole_since: Mapped[datetime | None]

    @declared_attr.directive
    def __table_args__(cls) -> tuple[CheckConstraint]:  # noqa: N805 (it is the class that is declared)
        return (CheckConstraint("id = 1", name="only_one"),)


class Slice(Struct, frozen=True):
    """What a turn looks at: ids above `after` up to `last`, as they are `now`. `is_last` of its round."""

    now: datetime
    after: int
    last: int
    count: int
    is_last: bool


def next_slice(session: Session, kind: type[Round], ids: InstrumentedAttribute[int], size: int) -> Slice | None:
    """The next of a round, which is moved on; None where another turn is at it, so that no older look is written over a newer one."""
    turn = session.scalar(select(kind).with_for_update(skip_locked=True))
    if turn is None:
        return None
    now, after = clock.now(), turn.after
    if after == 0 or turn.begun_at is None:
        turn.begun_at = now
    following = select(ids).where(ids > after).order_by(ids).limit(size).subquery()
    count, last = session.execute(select(func.count(), func.max(following.c.id))).one()
    is_last = count < size
    if is_last:
        turn.after, turn.whole_since = 0, turn.begun_at
    else:
        turn.after = last
    return Slice(now, after, last if count else after, count, is_last)
