"""What a pack holds beside its places where there is room: what is known of their pasts, what shops say in fields of their own, photos.

Words come before photos and the nearest place before the next. How much goes in is measured as it is sent, so that no pack grows
beyond its cap: a place that is found is worth more than a word about another, and a word more than a picture.
"""

import gzip
import json
from base64 import b64encode
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from places.history.queries import statements_of
from places.keeping.models import PlacePhoto

# Place → what its shop says in fields of its own: (names, kind, value) each. It comes from above, where shops are known.
Said = Callable[[Session, Collection[int]], Mapping[int, Sequence[tuple[dict[str, str], str, str]]]]


def nothing_said(session: Session, place_ids: Collection[int]) -> Mapping[int, Sequence[tuple[dict[str, str], str, str]]]:
    return {}


def written(told: Any) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def packed(told: Any) -> bytes:
    return gzip.compress(written(told), mtime=0)


def filled(pack: dict[str, Any], words: list[Any], photos: list[Any], most: int) -> tuple[dict[str, Any], bytes]:
    """The pack with as many of the first words, and then photos, as so many bytes hold; and itself as it is sent."""
    content = packed(pack)
    room = most - len(content)
    while room > 0:
        some = fitting(words, room)
        shown = fitting(photos, room - len(packed(some))) if len(some) == len(words) else []
        fuller = pack | {"words": some, "photos": shown}
        larger = packed(fuller)
        if len(larger) <= most:
            return fuller, larger
        room -= len(larger) - most  # lists beside each other pack a little worse than each alone
    return pack, content


def fitting(rows: list[Any], room: int) -> list[Any]:
    """As many of the first rows as take no more room when they are packed."""
    fits, fails = 0, len(rows) + 1
    middle = len(rows)
    while fails - fits > 1:
        fits, fails = (middle, fails) if len(packed(rows[:middle])) <= room else (fits, middle)
        middle = (fits + fails) // 2
    return rows[:fits]


def words_of(session: Session, nearest: Sequence[int], number_of: Callable[[tuple[str, str]], int], said: Said) -> list[Any]:
    """[place, its past, what its shop says], the oldest statement first, of those of which there is something to say."""
    pasts, own = statements_of(session, nearest), said(session, nearest)
    return [
        [
            place,
            [
                [one.kind, one.texts, one.year, one.calendar, one.is_about, number_of((one.source, one.licence))]
                for one in pasts.get(place, ())
            ],
            [list(one) for one in own.get(place, ())],
        ]
        for place in nearest
        if place in pasts or own.get(place)
    ]


def photos_of(session: Session, nearest: Sequence[int], number_of: Callable[[tuple[str, str]], int], room: int) -> list[Any]:
    """[place, caption, source, picture], the first photo of each place, as long as so many bytes may hold them."""
    firsts = (
        select(func.min(PlacePhoto.id))
        .where(PlacePhoto.place_id.in_(nearest), PlacePhoto.tiny.is_not(None))
        .group_by(PlacePhoto.place_id)
    )
    shown = select(PlacePhoto).where(PlacePhoto.id.in_(firsts)).options(undefer(PlacePhoto.tiny))
    held = {one.place_id: one for one in session.scalars(shown)}
    rows = []
    for photo in (held[place] for place in nearest if place in held):
        tiny = photo.tiny or b""
        room -= len(tiny)  # pictures are packed already
        if room < 0:
            break
        rows.append([photo.place_id, photo.caption, number_of((photo.source, photo.licence)), b64encode(tiny).decode()])
    return rows
