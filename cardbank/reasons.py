"""Why a request was approved or declined, as four digits: 0xxx approved, 1xxx declined, 2xxx security, 3xxx format, 9xxx system.

The core speaks only these. What a terminal sees in DE39, and what a page says, is derived at the edge by a table.
"""

from enum import IntEnum


class Reason(IntEnum):
    APPROVED = 0
    APPROVED_PARTIALLY = 2
    ALREADY_REVERSED = 400
    NOTHING_TO_REVERSE = 401  # the original was declined, so its reversal moves no money
    TERMINAL_BATCH_CLOSED = 500

    INVALID_SHOP = 1003
    INVALID_TRANSACTION = 1012
    INVALID_CURRENCY = 1112
    QUOTE_UNKNOWN = 1212  # of instalments: no such token, or another card's or terminal's
    QUOTE_EXPIRED = 1312
    QUOTE_USED = 1412
    INVALID_AMOUNT = 1013
    CREDIT_EXCEEDS_AMOUNT = 1113
    ENROLMENT_IDENTITY_WRONG = 1005  # a field of the form; the answer's text says which
    ENROLMENT_WITHOUT_CONSENT = 1105
    ENROLMENT_PERSON_KNOWN = 1205  # the document or the mobile is on record, or about to be
    ENROLMENT_EXPIRED = 1305  # begun and not confirmed in time
    ENTRY_REFUSED = 1605  # at a door; the answer's text says why
    HELP_NOT_ALLOWED = 1705  # the holder shows no help card
    QUOTE_AMOUNT_DIFFERS = 1213
    CASH_DISCOUNT_DIFFERS = 1313  # the till took off another share of the price than the contract grants now
    NO_SUCH_CARD = 1014
    REVERSED_BEFORE_ARRIVAL = 1021
    ORIGINAL_NOT_FOUND = 1025
    NO_CREDIT_LINE = 1039
    FUNCTION_NOT_SUPPORTED = 1040
    CARD_LOST = 1041
    CARD_STOLEN = 1043
    INSUFFICIENT_FUNDS = 1051
    INSUFFICIENT_CREDIT = 1151
    INSUFFICIENT_LINE = 1251
    CARD_EXPIRED = 1054
    NOT_PERMITTED_TO_CARD = 1057
    PIN_REQUIRED = 1157
    MEMBER_SHOP_KIND = 1357  # the member may spend in other kinds of shops
    HOLDS_NO_MONEY = 1457  # a card that shows entitlements only: nothing is put on it, and nothing paid from it
    PAYS_IN_CASH = 1557  # such a card at a shop that grants a discount: the sale is on record, its holder pays in cash
    BATCH_CLOSED = 1257
    NOT_PERMITTED_TO_TERMINAL = 1058
    NOT_OF_THIS_SHOP = 1158
    STANDS_AT_NO_DOOR = 1358
    INSTALMENTS_NOT_OFFERED = 1258  # at this shop, or not in this number
    AMOUNT_LIMIT = 1061
    MEMBER_LIMIT = 1261  # what this member may spend of a shared wallet in a day or a month
    CASH_LIMIT_OF_DAY = 1161  # of the shop that takes cash for cards
    OUTSIDE_INSTALMENT_AMOUNTS = 1361  # less or more than the shop sells in instalments
    CARD_BLOCKED = 1062
    CARD_REPLACED = 1162
    CARD_REFUNDED = 1262
    ORIGINAL_AMOUNT_INCORRECT = 1064
    MORE_THAN_IS_LEFT = 1164  # of the original: the rest has been returned
    FREQUENCY_LIMIT = 1065
    HELP_TOO_OFTEN = 1265  # the terminal asked for help cards of too many people
    BATCH_NUMBER_INVALID = 1077
    CARD_NOT_ACTIVATED = 1078
    GIFT_ACTIVE_ALREADY = 1178  # it holds money: load it, do not activate it again
    DUPLICATE_WITH_OTHER_CONTENT = 1094
    TOTALS_DIFFER = 1095  # of a terminal's batch: it uploads what it has
    TOMBSTONE_WRITTEN = 1914  # a reversal arrived before its original; the original will find this

    MAC_INVALID = 2063
    KEY_SERIAL_REPLAYED = 2163
    CARD_PROOF_REFUSED = 2263
    CHALLENGE_UNKNOWN = 2363  # reused, foreign or late
    CARD_CODE_UNKNOWN = 2463  # bent, or its minute is over
    CARD_CODE_USED = 2563  # a holder's code counts once
    TERMINAL_UNKNOWN = 2058
    TERMINAL_SUSPENDED = 2158
    KEY_SYNCHRONISATION = 2076

    FORMAT_ERROR = 3030  # a wire reason 30xx may name the element more closely
    KEY_DATE_OUT_OF_WINDOW = 3130

    LATE = 9068
    LEDGER_UNAVAILABLE = 9091
    MALFUNCTION = 9096

    @property
    def is_approved(self) -> bool:
        return self < 1000
