"""What customer clubs promise now."""

from typing import Annotated

from msgspec import Meta, Struct

from kernel import clock
from kernel.languages import in_language
from kernel.web.visit import Visit
from loyalty.queries import offers_in_force
from mobile_api.contract import operation
from mobile_api.shapes import Instant

TAG = "Offers"
SHARED_SECONDS = 300


class Offer(Struct):
    """A rule's own sentence, as a receipt quotes it; `ends_at` is null where no end is set."""

    offer: int
    programme: str
    sentence: str
    ends_at: Instant | None


class Offers(Struct):
    offers: list[Offer]
    next: int | None


class AskedOffers(Struct):
    cursor: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    limit: Annotated[int, Meta(ge=1, le=20)] = 20


@operation(
    "GET", "/offers", tag=TAG, permission=None, shared_seconds=SHARED_SECONDS,
    gives=Offers([Offer(3, "باشگاه نمونه", "۵٪ هر خرید، تا ۲٬۰۰۰٬۰۰۰ ریال", None)], None),
)  # fmt: skip
def offers(visit: Visit, query: AskedOffers) -> Offers:
    """What each club gives for a purchase now."""
    rows = offers_in_force(visit.session, clock.now(), after=query.cursor, limit=query.limit + 1)
    page = [
        Offer(one.rule_id, in_language(one.programme_names, visit.language), in_language(one.sentence, visit.language), one.ends_at)
        for one in rows[: query.limit]
    ]
    return Offers(page, page[-1].offer if len(rows) > query.limit else None)
