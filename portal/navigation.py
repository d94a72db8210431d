"""Destinations: what stands in the side bar, by groups, and the first of them in the phone's bottom bar."""

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as lazy

from identity.permissions import Identity, Permission, Role

BOTTOM_BAR = 5


@dataclass(frozen=True, slots=True)
class Destination:
    endpoint: str
    label: LazyString
    icon: str
    permission: Permission | None  # None: everybody who has signed in


@dataclass(frozen=True, slots=True)
class Group:
    """Destinations that belong together, under a heading where a person has many."""

    label: LazyString
    destinations: tuple[Destination, ...]


GROUPS = (
    Group(
        lazy("City"),
        (
            Destination("portal.live", lazy("Live"), "activity", Permission.PORTAL_LIVE_VIEW),
            Destination("portal.city", lazy("City"), "report-analytics", Permission.INSIGHTS_CITY_VIEW),
            Destination("portal.visitors", lazy("Visitors"), "users-group", Permission.INSIGHTS_CITY_VIEW),
            Destination("portal.demand", lazy("Demand"), "chart-line", Permission.INSIGHTS_CITY_VIEW),
            Destination("portal.own_works", lazy("Works notices"), "alert-triangle", Permission.MERCHANTS_WORKS_PUBLISH),
            Destination("portal.own_campaigns", lazy("Campaigns of the city"), "confetti", Permission.MERCHANTS_CAMPAIGN_PUBLISH),
            Destination("portal.permits", lazy("Permits"), "id", Permission.MERCHANTS_PERMIT_VIEW),
            Destination("portal.register", lazy("Register of places"), "list-details", Permission.PLACES_REGISTER_VIEW),
            Destination("portal.zones", lazy("Zones"), "map-2", Permission.PLACES_ZONE_VIEW),
        ),
    ),
    Group(
        lazy("Card"),
        (
            Destination("portal.my_card", lazy("My card"), "credit-card", Permission.CARDBANK_BALANCE_VIEW),
            Destination("portal.my_statement", lazy("Statement"), "list-details", Permission.CARDBANK_STATEMENT_VIEW),
            Destination("portal.my_credit", lazy("Credit"), "gift", Permission.CARDBANK_BALANCE_VIEW),
            Destination("portal.my_instalments", lazy("Instalments"), "calendar", Permission.CARDBANK_BALANCE_VIEW),
            Destination("portal.my_savings", lazy("What I saved"), "discount", Permission.CARDBANK_STATEMENT_VIEW),
            Destination("portal.my_family", lazy("Family"), "users-group", Permission.CARDBANK_FAMILY_KEEP),
            Destination("portal.my_transfer", lazy("Move money"), "transfer", Permission.CARDBANK_MONEY_MOVE),
            Destination("portal.my_giving", lazy("Give"), "gift", Permission.CARDBANK_MONEY_MOVE),
            Destination("portal.my_senders", lazy("Who may write to me"), "device-mobile", Permission.CARDBANK_BALANCE_VIEW),
            Destination("portal.my_profile", lazy("My record"), "id", Permission.CARDBANK_BALANCE_VIEW),
            Destination("portal.my_email", lazy("My e-mail"), "mail", Permission.CARDBANK_BALANCE_VIEW),
            Destination("portal.my_complaints", lazy("My complaints"), "alert-triangle", Permission.MERCHANTS_COMPLAINT_MAKE),
            Destination("portal.my_help", lazy("Help card"), "lifebuoy", Permission.CARDBANK_BALANCE_VIEW),
        ),
    ),
    Group(
        lazy("Shop"),
        (
            Destination("portal.sales", lazy("Sales"), "receipt", Permission.MERCHANTS_SALES_VIEW),
            Destination("portal.till", lazy("Web till"), "shopping-bag", Permission.MERCHANTS_TILL_OPERATE),
            Destination("portal.goods", lazy("Products"), "tags", Permission.MERCHANTS_CATALOGUE_VIEW),
            Destination("portal.stock", lazy("Stock"), "building-warehouse", Permission.MERCHANTS_STOCK_VIEW),
            Destination("portal.counts", lazy("Stocktake"), "checklist", Permission.MERCHANTS_STOCK_COUNT),
            Destination("portal.branches", lazy("Branches and hours"), "clock", Permission.MERCHANTS_HOURS_SET),
            Destination("portal.front_desk", lazy("Front desk"), "bed", Permission.RESERVATIONS_DESK_OPERATE),
            Destination("portal.houses", lazy("Houses and rooms"), "building-store", Permission.RESERVATIONS_LODGING_MANAGE),
            Destination("portal.own_quality", lazy("Quality of the data"), "checklist", Permission.MERCHANTS_HOURS_SET),
            Destination("portal.settlement", lazy("Statements"), "wallet", Permission.MERCHANTS_ACCOUNT_PROPOSE),
            Destination("portal.contract", lazy("Contract"), "discount", Permission.MERCHANTS_TERMS_SIGN),
            Destination("portal.commission", lazy("Commission"), "transfer", Permission.MERCHANTS_TERMS_SIGN),
            Destination("portal.shop_plans", lazy("Instalments"), "calendar", Permission.MERCHANTS_TERMS_SIGN),
            Destination("portal.look", lazy("Look of the shop"), "palette", Permission.MERCHANTS_TERMS_SIGN),
            Destination("portal.applications", lazy("My files"), "id", Permission.MERCHANTS_APPLICATION_FILL),
            Destination("portal.shop_complaints", lazy("Complaints"), "alert-triangle", Permission.MERCHANTS_COMPLAINT_ANSWER),
            Destination("portal.shop_inspections", lazy("Inspections"), "checklist", Permission.MERCHANTS_INSPECTION_VIEW),
            Destination("portal.own_dues", lazy("What you owe your union"), "coins", Permission.MERCHANTS_DUE_PAY),
            Destination("portal.own_permits", lazy("Permits of the city"), "id", Permission.MERCHANTS_PERMIT_ASK),
            Destination("portal.shop_campaigns", lazy("Campaigns to join"), "confetti", Permission.MERCHANTS_CAMPAIGN_JOIN),
            Destination("portal.own_quotas", lazy("Quotas"), "package", Permission.MERCHANTS_QUOTA_TAKE),
            Destination("portal.own_cash_limit", lazy("Cash for cards"), "cash", Permission.MERCHANTS_CASH_SIGN),
        ),
    ),
    Group(
        lazy("Benefits"),
        (
            Destination("portal.benefits", lazy("Benefits"), "gift", Permission.LOYALTY_BENEFIT_MANAGE),
            Destination("portal.benefit_members", lazy("Members"), "users-group", Permission.LOYALTY_BENEFIT_MANAGE),
            Destination("portal.benefit_budget", lazy("Budget"), "wallet", Permission.LOYALTY_BENEFIT_MANAGE),
            Destination("portal.benefit_use", lazy("Use of the benefits"), "chart-line", Permission.LOYALTY_BENEFIT_MANAGE),
        ),
    ),
    Group(
        lazy("Money"),
        (
            Destination("portal.desk", lazy("Desk"), "cash", Permission.CARDBANK_TOPUP_TAKE),
            Destination("portal.leaving_desk", lazy("Pay out and close"), "logout", Permission.CARDBANK_CARD_REFUND),
            Destination("portal.transfer_desk", lazy("Money between cards"), "transfer", Permission.CARDBANK_CARD_REFUND),
            Destination("portal.family_desk", lazy("Families"), "users-group", Permission.CARDBANK_CARD_ISSUE),
            Destination("portal.settlements", lazy("Settlement"), "transfer", Permission.MERCHANTS_SETTLEMENT_RUN),
            Destination("portal.trade_terms", lazy("Terms of trades"), "discount", Permission.MERCHANTS_CONTRACT_SIGN),
            Destination("portal.batch_cases", lazy("Differences"), "alert-triangle", Permission.MERCHANTS_BATCH_DECIDE),
            Destination("portal.receivers", lazy("Receivers of gifts"), "gift", Permission.MERCHANTS_RECEIVER_KEEP),
            Destination("portal.deposits", lazy("Deposits"), "coins", Permission.LOYALTY_DEPOSIT_CONFIRM),
            Destination("portal.gift_batches", lazy("Gift cards"), "gift", Permission.CARDBANK_GIFT_MAKE),
            Destination("portal.card_kinds", lazy("Kinds of card"), "credit-card", Permission.CARDBANK_KIND_DEFINE),
            Destination("portal.all_card_orders", lazy("Orders of cards"), "package", Permission.CARDBANK_ORDER_HANDLE),
            Destination("portal.issuing_limits", lazy("Limits of issuing"), "shield-check", Permission.CARDBANK_LIMIT_SET),
            Destination("portal.credit_lines", lazy("Credit lines"), "wallet", Permission.CARDBANK_LINE_GIVE),
        ),
    ),
    Group(
        lazy("Network"),
        (
            Destination("portal.terminals", lazy("Terminals"), "device-tablet", Permission.MERCHANTS_TERMINAL_VIEW),
            Destination("portal.help_requests", lazy("Help requests"), "lifebuoy", Permission.MERCHANTS_TERMINAL_SUSPEND),
            Destination("portal.merchants", lazy("Merchants"), "building-store", Permission.MERCHANTS_MERCHANT_LIST),
            Destination("portal.quality", lazy("Quality of the data"), "checklist", Permission.MERCHANTS_MERCHANT_LIST),
            Destination("portal.reviews", lazy("Files of shops"), "list-details", Permission.MERCHANTS_APPLICATION_REVIEW),
            Destination("portal.union_panel", lazy("The union's desk"), "layout-dashboard", Permission.MERCHANTS_INSPECTION_PLAN),
            Destination("portal.complaints", lazy("Complaints"), "alert-triangle", Permission.MERCHANTS_COMPLAINT_HANDLE),
            Destination("portal.inspections", lazy("Inspections"), "checklist", Permission.MERCHANTS_INSPECTION_PLAN),
            Destination("portal.branch_wishes", lazy("Branches asked for"), "building-store", Permission.MERCHANTS_BRANCH_DECIDE),
            Destination("portal.ceilings", lazy("Price ceilings"), "discount", Permission.MERCHANTS_CEILING_SET),
            Destination("portal.dues", lazy("Dues of shops"), "coins", Permission.MERCHANTS_DUE_KEEP),
            Destination("portal.quotas", lazy("Quotas"), "package", Permission.MERCHANTS_QUOTA_VIEW),
            Destination("portal.overseen_houses", lazy("Lodging houses"), "bed", Permission.RESERVATIONS_LODGING_APPROVE),
            Destination("portal.room_ceilings", lazy("Room ceilings"), "discount", Permission.RESERVATIONS_LODGING_APPROVE),
            Destination("portal.members", lazy("Members"), "users-group", Permission.MERCHANTS_MEMBER_IMPORT),
        ),
    ),
    Group(
        lazy("People and access"),
        (
            Destination("portal.customers", lazy("Customers"), "users-group", Permission.IDENTITY_PERSON_VIEW),
            Destination("portal.enrolment", lazy("Enrol a pilgrim"), "id", Permission.IDENTITY_PERSON_ENROL),
            Destination("portal.coming_desk", lazy("Coming pilgrims"), "plane", Permission.IDENTITY_PERSON_ENROL),
            Destination("portal.first_cards", lazy("First cards asked for"), "credit-card", Permission.CARDBANK_CARD_ISSUE),
            Destination("portal.claims", lazy("Papers to confirm"), "id", Permission.IDENTITY_PERSON_ENROL),
            Destination("portal.replacements", lazy("New cards asked for"), "credit-card", Permission.CARDBANK_CARD_ISSUE),
            Destination("portal.people", lazy("People"), "users-group", Permission.IDENTITY_MEMBER_MANAGE),
            Destination("portal.accounts", lazy("Sign-ins"), "shield-check", Permission.IDENTITY_SIGN_IN_MANAGE),
        ),
    ),
    Group(
        lazy("Office"),
        (
            Destination("portal.customer_groups", lazy("Groups of customers"), "users-group", Permission.LOYALTY_GROUP_MANAGE),
            Destination("portal.letters", lazy("Letters to customers"), "device-mobile", Permission.LOYALTY_LETTER_WRITE),
            Destination("portal.card_orders", lazy("Orders of cards"), "credit-card", Permission.CARDBANK_CARD_ORDER),
            Destination("portal.messages", lazy("Messages"), "device-mobile", Permission.PORTAL_MESSAGE_VIEW),
            Destination("portal.outages", lazy("Outages"), "alert-triangle", Permission.PORTAL_OUTAGE_ANNOUNCE),
            Destination("portal.reports", lazy("Reports"), "report-analytics", Permission.INSIGHTS_REPORT_VIEW),
            Destination("portal.webhooks", lazy("Webhooks"), "transfer", Permission.MERCHANTS_WEBHOOK_MANAGE),
            Destination("portal.own_programmes", lazy("Programmes and tours"), "pray", Permission.RESERVATIONS_PROGRAMME_MANAGE),
            Destination("portal.suggestions", lazy("What people say"), "map-pin", Permission.PLACES_SUGGESTION_REVIEW),
            Destination("portal.place_file", lazy("Places from a file"), "download", Permission.PLACES_PLACE_IMPORT),
            Destination("portal.moon", lazy("Lunar months"), "moon", Permission.PLACES_MOON_MOVE),
        ),
    ),
    Group(
        lazy("Pilgrimage"),
        (
            Destination("portal.stays", lazy("Find lodging"), "bed", Permission.RESERVATIONS_BOOKING_MAKE),
            Destination("portal.programmes", lazy("Programmes"), "pray", Permission.RESERVATIONS_BOOKING_MAKE),
            Destination("portal.bookings", lazy("My bookings"), "checklist", Permission.RESERVATIONS_BOOKING_MAKE),
            Destination("portal.directory", lazy("Places"), "map-pin", None),
            Destination("portal.campaigns", lazy("Campaigns"), "confetti", None),
            Destination("portal.works", lazy("Works and closures"), "alert-triangle", None),
            Destination("portal.prayer_times", lazy("Prayer times"), "pray", None),
            Destination("portal.shops", lazy("Shops"), "map-2", None),
            Destination("portal.payment", lazy("Status of a payment"), "search", None),
        ),
    ),
    Group(
        lazy("You"),
        (Destination("portal.account", lazy("Account"), "user", None),),
    ),
)
DESTINATIONS = tuple(one for group in GROUPS for one in group.destinations)
HEADED_ABOVE = 7  # destinations: fewer are seen at a glance


def groups(identity: Identity) -> list[Group]:
    """What this person may open, in order; the sales page is for those who sell, so not for the platform's operator."""
    open_to = [Group(group.label, tuple(one for one in group.destinations if _may_open(identity, one))) for group in GROUPS]
    return [group for group in open_to if group.destinations]


def _may_open(identity: Identity, one: Destination) -> bool:
    if one.permission is None:
        return True
    if one.permission is Permission.MERCHANTS_SALES_VIEW:
        return bool(identity.organisations(one.permission))
    return identity.can(one.permission)


def destinations(identity: Identity) -> list[Destination]:
    return [one for group in groups(identity) for one in group.destinations]


def bottom_bar(places: list[Destination]) -> list[Destination]:
    """Five at most; the account page, where the rest is listed, always stands last."""
    others, account = [one for one in places if one.endpoint != "portal.account"], places[-1]
    return [*others[: BOTTOM_BAR - 1], account]


def landing(identity: Identity) -> str:
    """The endpoint where a person's work begins."""
    if identity.lacks_second_step:
        return "portal.authenticator"
    return destinations(identity)[0].endpoint


def main_role(identity: Identity) -> Role:
    """The role named beside a person: the one that reaches furthest."""
    order = (
        Role.OPERATOR,
        Role.CITY_MANAGER,
        Role.MUNICIPALITY,
        Role.UNION,
        Role.SPONSOR,
        Role.MERCHANT,
        Role.CASHIER,
        Role.APPLICANT,
        Role.PILGRIM,
    )
    return next((role for role in order if role in identity.roles), Role.PILGRIM)
