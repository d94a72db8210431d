"""Loading gift cards and taking them back. Like the use cases of a sale, these refuse by a reason and raise nothing of a message.

The ledger decides and posts first, then the card's state follows: asked again after a crash between the two, both come right.
"""

from collections.abc import Callable

from sqlalchemy.orm import Session

from cardbank.cards.queries import find_by_number_index
from cardbank.cards.rules import GIFT_PRODUCT, CardProfile
from cardbank.gifts.services import GIVEN_BACK, SPENT_UNPAID, activate_gift, let_gift_pay_again, stop_gift
from cardbank.ledger.types import EntryKind
from cardbank.reasons import Reason
from kernel import clock
from kernel.audit import Actor
from kernel.calendar import local_day
from merchants.gifts.rules import Load, load_request, refusal_of_load
from merchants.rules import TerminalProfile
from merchants.sales.rules import CardClaim, Return, SaleOutcome, Void
from merchants.sales.services import Office, reverse_sale, void_sale

Act = Callable[[Session, Actor, int], None]


async def load_gift(office: Office, load: Load) -> SaleOutcome:
    """Put cash that the shop has taken on a gift card; the first load lets it pay. A repeat takes it once."""
    card = await gift_of(office, load.cash.card)
    refusal = refusal_of_load(load, card, local_day(clock.now())) if card else Reason.NO_SUCH_CARD
    answer = await office.teller.post(load_request(load, card, refusal))
    if card is not None and answer.reason is Reason.APPROVED:
        await follow(office, load.cash.terminal, card, activate_gift)
    return SaleOutcome(answer, card)


async def take_gift_back(office: Office, void: Void) -> SaleOutcome:
    """The buyer brings a gift back, of which nothing is spent: its shop returns the cash and the card never pays again."""
    outcome = await void_sale(office, void)
    if outcome.card is not None and outcome.answer.reason is Reason.APPROVED and void.of is EntryKind.TOP_UP:
        await follow(office, void.terminal, outcome.card, stop(GIVEN_BACK))
    return outcome


async def reverse_load(office: Office, return_: Return) -> SaleOutcome:
    """Take back a load that its till could not finish. What was spent of it meanwhile is owed, and the card is blocked."""
    outcome = await reverse_sale(office, return_)
    if outcome.card is not None and outcome.answer.reason is Reason.APPROVED and outcome.answer.owed:
        await follow(office, return_.terminal, outcome.card, stop(SPENT_UNPAID))
    return outcome


async def reverse_taking_back(office: Office, return_: Return) -> SaleOutcome:
    """The gift was not given back after all: it pays again."""
    outcome = await reverse_sale(office, return_)
    if outcome.card is not None and outcome.answer.reason is Reason.APPROVED:
        await follow(office, return_.terminal, outcome.card, let_gift_pay_again)
    return outcome


async def gift_of(office: Office, claim: CardClaim) -> CardProfile | None:
    """As it stands now: a load is rare, and a card sold a moment ago must not seem unsold."""
    index = claim.number_index
    return await office.run(lambda session: find_by_number_index(session, index)) if index else None


def stop(why: str) -> Act:
    return lambda session, actor, card_id: stop_gift(session, actor, card_id, why)


async def follow(office: Office, terminal: TerminalProfile, card: CardProfile, act: Act) -> None:
    """Change a gift card's state by what the ledger has decided."""
    if card.product == GIFT_PRODUCT:
        actor = Actor.system(f"terminal {terminal.code}")
        await office.run(lambda session: act(session, actor, card.card_id))
