"""What is asked of the ledger and what it answers: plain, immutable, and cheap to send between processes.

`shop_id` and `programme_id` are the wallet ids of the shop and of the programme: the ledger knows nothing else of them.
Amounts are whole Rial (or whole points) and never negative in a request; a leg carries the sign.
"""

from datetime import date, datetime
from enum import IntEnum

from msgspec import Struct

from cardbank.reasons import Reason

NETWORK_WALLET_ID = 1
RIAL = 1  # ledger.unit.id of the current Rial


class Source(IntEnum):
    """Who made the request key; with source_id and source_key it is unique within key_date."""

    TERMINAL = 1  # source_id = terminal id, source_key = STAN
    API = 2
    WEB_TILL = 3
    DESK = 4
    TASK = 5


class EntryKind(IntEnum):
    PURCHASE = 1
    TOP_UP = 2
    REFUND = 3
    VOID = 4
    REVERSAL = 5
    ADVICE = 6
    EARN = 7
    EXPIRY = 8
    TRANSFER = 9
    HOLD = 10
    CAPTURE = 11
    SETTLEMENT = 12
    BATCH_CLOSE = 13  # moves nothing: the terminal's entries from here on fall in its next batch
    INSTALMENT = 14  # money pays back what a credit line has paid
    GIVING = 15  # money given away, to whom the network has registered for it
    FEE = 16  # money for a service of the network's own: a new card in a lost one's place


class WalletKind(IntEnum):
    NETWORK = 1
    HOLDER = 2
    FAMILY = 3
    SHOP = 4
    PROGRAMME = 5
    ORGANISATION = 6


class AccountKind(IntEnum):
    """The chart of accounts; floors and sides stand in ledger.account_kind."""

    MONEY = 1
    GIFT = 2
    BENEFIT = 3
    CREDIT_LOT = 4
    POINTS_LOT = 5
    ENTITLEMENT = 6
    HOLD = 7
    OFFLINE = 8
    LINE = 9
    OWED = 10
    CREDIT_OWED = 11
    DAY_LIMIT = 12
    MONTH_LIMIT = 13
    PAYABLE = 20
    WITHHELD = 21
    PAYOUT_SENT = 22
    BUDGET = 30
    ISSUED = 31
    LAPSED = 32
    FUNDER_DUE = 33
    BANK = 40
    CASH_TAKEN = 41
    COMMISSION = 42
    TAX = 43
    SUSPENSE = 44
    ROUNDING = 45
    IN_TRANSIT = 46
    UNIT_EXCHANGE = 47


class Key(Struct, frozen=True, array_like=True):
    """A fact of the message, never of our clock: a reversal computes its original's key exactly."""

    day: date
    source: Source
    source_id: int
    key: str


class Line(Struct, frozen=True, array_like=True):
    """One line of a basket; everywhere else a line is named by its position in `PostingRequest.lines`, from 0."""

    category: int
    amount: int


class Tender(Struct, frozen=True, array_like=True):
    """One way to pay: at most `most` from accounts of `kind` (None = the wallet's own order); `exactly` declines if short."""

    kind: AccountKind | None
    account_id: int | None
    most: int | None
    exactly: bool


class Terms(Struct, frozen=True, array_like=True):
    """Immutable terms of a credit lot or of a benefit."""

    kind: AccountKind
    programme_id: int
    funder_id: int
    scope_id: int | None
    usable_from: datetime
    usable_until: datetime


class Earn(Struct, frozen=True, array_like=True):
    """Credit to give: basis points of what `paid_by` kinds paid on `lines` (empty = all), plus `fixed`, at most `most`."""

    programme_id: int
    rule_id: int
    basis_points: int
    fixed: int
    lines: frozenset[int]
    paid_by: frozenset[AccountKind]
    most: int
    terms: Terms


class Original(Struct, frozen=True, array_like=True):
    """The entry that a reversal, refund or void is about: by request key, or by (business_date, entry id)."""

    key: Key | None
    ref: tuple[date, int] | None
    stands: int | None  # DE95: the amount that finally stands after a partial reversal
    lines: tuple[Line, ...] = ()  # refund by article: what is returned of each line of the original, in its order
    content_time: str | None = None  # DE7 of the original as the reversal states it
    amount: int | None = None  # what the door says that the original came to (DF16)
    kind: EntryKind | None = None  # what the door says that the original is; an advice is a purchase


class PostingRequest(Struct, frozen=True, array_like=True):
    key: Key
    content_hash: int  # first 8 bytes of SHA-256 over the business content, as a signed 64-bit integer
    kind: EntryKind
    wallet_id: int
    member_id: int | None
    card_id: int | None
    shop_id: int | None
    terminal_id: int | None
    terminal_batch: int | None
    unit: int
    amount: int
    effective_at: datetime
    deadline: datetime
    lines: tuple[Line, ...] = ()
    tender: tuple[Tender, ...] = ()
    earn: tuple[Earn, ...] = ()
    uses: tuple[int, ...] = ()
    original: Original | None = None
    to_wallet_id: int | None = None
    partial: bool = False
    forced: bool = False
    repeat: bool = False  # the door says this may have been sent before: look up the key first
    content_time: str = ""  # DE7 as received: the same key with another time is another message
    limit_amount: int | None = None  # per-purchase limit of card or terminal, already resolved by the door
    cash_limit: int | None = None  # most that the shop may take as cash for cards in a business day; held by the teller
    refusal: Reason | None = None  # the door already refuses (blocked card …): stored as a decline unless the key is known
    into: AccountKind | None = None  # the purse that a top-up raises: GIFT, or None for money
    most_held: int | None = None  # what that purse may hold at most afterwards
    must_be_empty: bool = False  # a gift card is activated while it holds nothing
    on_line: int | None = None  # most that a return may give back to a LINE; None = nobody keeps its schedule, so none may move


class Answer(Struct, frozen=True, array_like=True):
    """Facts of the outcome: enough to render receipt and message again, byte for byte but for MAC and KSN."""

    reason: Reason
    business_date: date
    entry_id: int  # declines take an id too, so that every answer has an RRN
    decided_at: datetime
    amount: int = 0
    paid: dict[AccountKind, int] = {}
    earned: int = 0
    earned_until: datetime | None = None
    taken_back: int = 0
    money_balance: int = 0
    credit_balance: int = 0  # spendable credit at decided_at
    gift_balance: int = 0
    owed: int = 0
    expires_next: int = 0
    expires_on: datetime | None = None
    rule_ids: tuple[int, ...] = ()
    replayed: bool = False
    credit_owed: int = 0  # credit that was to be taken back and was spent already
    terminal_batch: int = 0  # answer to a close: the batch that its terminal closed last
    benefit_balance: int = 0  # what the member can still spend at decided_at, somewhere
