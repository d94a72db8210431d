"""Who may do what. One permission is `scope:resource:action`, checked with the organisation it is for."""

from dataclasses import dataclass
from enum import StrEnum

from kernel.audit import Actor
from kernel.calendar import Calendar


class Role(StrEnum):
    APPLICANT = "applicant"
    CASHIER = "cashier"
    CITY_MANAGER = "city_manager"
    MERCHANT = "merchant"
    MUNICIPALITY = "municipality"
    OPERATOR = "operator"
    PILGRIM = "pilgrim"
    SPONSOR = "sponsor"
    UNION = "union"


class Permission(StrEnum):
    CARDBANK_BALANCE_VIEW = "cardbank:balance:view"
    CARDBANK_CARD_BLOCK = "cardbank:card:block"
    CARDBANK_CARD_ISSUE = "cardbank:card:issue"
    CARDBANK_CARD_ORDER = "cardbank:card:order"
    CARDBANK_CARD_REFUND = "cardbank:card:refund"
    CARDBANK_FAMILY_KEEP = "cardbank:family:keep"
    CARDBANK_GIFT_MAKE = "cardbank:gift:make"
    CARDBANK_KIND_DEFINE = "cardbank:kind:define"
    CARDBANK_LIMIT_SET = "cardbank:limit:set"
    CARDBANK_LINE_GIVE = "cardbank:line:give"
    CARDBANK_MONEY_MOVE = "cardbank:money:move"
    CARDBANK_ORDER_HANDLE = "cardbank:order:handle"
    CARDBANK_OWN_CARD_HOLD = "cardbank:own-card:hold"
    CARDBANK_STATEMENT_VIEW = "cardbank:statement:view"
    CARDBANK_TOPUP_TAKE = "cardbank:topup:take"
    IDENTITY_MEMBER_MANAGE = "identity:member:manage"
    IDENTITY_PERSON_ENROL = "identity:person:enrol"
    IDENTITY_PERSON_VIEW = "identity:person:view"
    IDENTITY_SIGN_IN_MANAGE = "identity:sign-in:manage"
    INSIGHTS_CITY_VIEW = "insights:city:view"
    INSIGHTS_REPORT_VIEW = "insights:report:view"
    LOYALTY_BENEFIT_MANAGE = "loyalty:benefit:manage"
    LOYALTY_DEPOSIT_CONFIRM = "loyalty:deposit:confirm"
    LOYALTY_GROUP_MANAGE = "loyalty:group:manage"
    LOYALTY_LETTER_WRITE = "loyalty:letter:write"
    MERCHANTS_ACCOUNT_APPROVE = "merchants:account:approve"
    MERCHANTS_ACCOUNT_PROPOSE = "merchants:account:propose"
    MERCHANTS_APPLICATION_FILL = "merchants:application:fill"
    MERCHANTS_APPLICATION_REVIEW = "merchants:application:review"
    MERCHANTS_BATCH_DECIDE = "merchants:batch:decide"
    MERCHANTS_BRANCH_ASK = "merchants:branch:ask"
    MERCHANTS_BRANCH_DECIDE = "merchants:branch:decide"
    MERCHANTS_CAMPAIGN_JOIN = "merchants:campaign:join"
    MERCHANTS_CAMPAIGN_PUBLISH = "merchants:campaign:publish"
    MERCHANTS_CASH_OFFER = "merchants:cash:offer"
    MERCHANTS_CASH_SIGN = "merchants:cash:sign"
    MERCHANTS_CATALOGUE_EDIT = "merchants:catalogue:edit"
    MERCHANTS_CATALOGUE_VIEW = "merchants:catalogue:view"
    MERCHANTS_CEILING_SET = "merchants:ceiling:set"
    MERCHANTS_COMPLAINT_ANSWER = "merchants:complaint:answer"
    MERCHANTS_COMPLAINT_HANDLE = "merchants:complaint:handle"
    MERCHANTS_COMPLAINT_MAKE = "merchants:complaint:make"
    MERCHANTS_CONTRACT_SIGN = "merchants:contract:sign"
    MERCHANTS_DUE_KEEP = "merchants:due:keep"
    MERCHANTS_DUE_PAY = "merchants:due:pay"
    MERCHANTS_HOURS_SET = "merchants:hours:set"
    MERCHANTS_INSPECTION_PLAN = "merchants:inspection:plan"
    MERCHANTS_INSPECTION_VIEW = "merchants:inspection:view"
    MERCHANTS_MEMBER_IMPORT = "merchants:member:import"
    MERCHANTS_MERCHANT_LIST = "merchants:merchant:list"
    MERCHANTS_PERMIT_ASK = "merchants:permit:ask"
    MERCHANTS_PERMIT_DECIDE = "merchants:permit:decide"
    MERCHANTS_PERMIT_VIEW = "merchants:permit:view"
    MERCHANTS_QUOTA_KEEP = "merchants:quota:keep"
    MERCHANTS_QUOTA_TAKE = "merchants:quota:take"
    MERCHANTS_QUOTA_VIEW = "merchants:quota:view"
    MERCHANTS_RECEIVER_KEEP = "merchants:receiver:keep"
    MERCHANTS_SALES_VIEW = "merchants:sales:view"
    MERCHANTS_SETTLEMENT_RUN = "merchants:settlement:run"
    MERCHANTS_SETTLEMENT_VIEW = "merchants:settlement:view"
    MERCHANTS_STOCK_APPROVE = "merchants:stock:approve"
    MERCHANTS_STOCK_COUNT = "merchants:stock:count"
    MERCHANTS_STOCK_RECEIVE = "merchants:stock:receive"
    MERCHANTS_STOCK_VIEW = "merchants:stock:view"
    MERCHANTS_TAG_MANAGE = "merchants:tag:manage"
    MERCHANTS_TAG_READ = "merchants:tag:read"  # held by tag readers, by no role
    MERCHANTS_TERMINAL_OPEN = "merchants:terminal:open"
    MERCHANTS_TERMINAL_SUSPEND = "merchants:terminal:suspend"
    MERCHANTS_TERMINAL_VIEW = "merchants:terminal:view"
    MERCHANTS_TERMS_SIGN = "merchants:terms:sign"
    MERCHANTS_TILL_OPERATE = "merchants:till:operate"
    MERCHANTS_WEBHOOK_MANAGE = "merchants:webhook:manage"
    MERCHANTS_WORKS_PUBLISH = "merchants:works:publish"
    PLACES_MOON_MOVE = "places:moon:move"
    PLACES_PLACE_IMPORT = "places:place:import"
    PLACES_PLACE_KEEP = "places:place:keep"
    PLACES_PRAYERS_ADJUST = "places:prayers:adjust"
    PLACES_REGISTER_VIEW = "places:register:view"
    PLACES_SUGGESTION_REVIEW = "places:suggestion:review"
    PLACES_ZONE_DRAW = "places:zone:draw"
    PLACES_ZONE_VIEW = "places:zone:view"
    PORTAL_LIVE_VIEW = "portal:live:view"
    PORTAL_MESSAGE_VIEW = "portal:message:view"
    PORTAL_OUTAGE_ANNOUNCE = "portal:outage:announce"
    RESERVATIONS_BOOKING_MAKE = "reservations:booking:make"
    RESERVATIONS_DESK_OPERATE = "reservations:desk:operate"
    RESERVATIONS_LODGING_APPROVE = "reservations:lodging:approve"
    RESERVATIONS_LODGING_MANAGE = "reservations:lodging:manage"
    RESERVATIONS_PROGRAMME_MANAGE = "reservations:programme:manage"


ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.APPLICANT: frozenset({Permission.MERCHANTS_APPLICATION_FILL}),
    Role.CASHIER: frozenset(
        {
            Permission.MERCHANTS_CATALOGUE_VIEW,
            Permission.MERCHANTS_SALES_VIEW,
            Permission.MERCHANTS_STOCK_COUNT,
            Permission.MERCHANTS_STOCK_RECEIVE,
            Permission.MERCHANTS_TERMINAL_VIEW,
            Permission.MERCHANTS_TILL_OPERATE,
            Permission.RESERVATIONS_DESK_OPERATE,
        }
    ),
    Role.CITY_MANAGER: frozenset(
        {
            Permission.IDENTITY_MEMBER_MANAGE,
            Permission.INSIGHTS_CITY_VIEW,
            Permission.INSIGHTS_REPORT_VIEW,
            Permission.MERCHANTS_MERCHANT_LIST,
            Permission.PLACES_PLACE_KEEP,
            Permission.PLACES_REGISTER_VIEW,
            Permission.PLACES_SUGGESTION_REVIEW,
            Permission.RESERVATIONS_DESK_OPERATE,
            Permission.RESERVATIONS_PROGRAMME_MANAGE,
        }
    ),
    Role.MERCHANT: frozenset(
        {
            Permission.CARDBANK_CARD_ORDER,
            Permission.IDENTITY_MEMBER_MANAGE,
            Permission.INSIGHTS_REPORT_VIEW,
            Permission.LOYALTY_GROUP_MANAGE,
            Permission.LOYALTY_LETTER_WRITE,
            Permission.MERCHANTS_ACCOUNT_PROPOSE,
            Permission.MERCHANTS_BRANCH_ASK,
            Permission.MERCHANTS_CAMPAIGN_JOIN,
            Permission.MERCHANTS_CASH_SIGN,
            Permission.MERCHANTS_CATALOGUE_EDIT,
            Permission.MERCHANTS_CATALOGUE_VIEW,
            Permission.MERCHANTS_COMPLAINT_ANSWER,
            Permission.MERCHANTS_DUE_PAY,
            Permission.MERCHANTS_HOURS_SET,
            Permission.MERCHANTS_INSPECTION_VIEW,
            Permission.MERCHANTS_PERMIT_ASK,
            Permission.MERCHANTS_QUOTA_TAKE,
            Permission.MERCHANTS_SALES_VIEW,
            Permission.MERCHANTS_SETTLEMENT_VIEW,
            Permission.MERCHANTS_STOCK_APPROVE,
            Permission.MERCHANTS_STOCK_COUNT,
            Permission.MERCHANTS_STOCK_RECEIVE,
            Permission.MERCHANTS_STOCK_VIEW,
            Permission.MERCHANTS_TAG_MANAGE,
            Permission.MERCHANTS_TERMINAL_OPEN,
            Permission.MERCHANTS_TERMINAL_VIEW,
            Permission.MERCHANTS_TERMS_SIGN,
            Permission.MERCHANTS_TILL_OPERATE,
            Permission.MERCHANTS_WEBHOOK_MANAGE,
            Permission.RESERVATIONS_DESK_OPERATE,
            Permission.RESERVATIONS_LODGING_MANAGE,
            Permission.RESERVATIONS_PROGRAMME_MANAGE,
        }
    ),
    Role.MUNICIPALITY: frozenset(
        {
            Permission.IDENTITY_MEMBER_MANAGE,
            Permission.INSIGHTS_CITY_VIEW,
            Permission.INSIGHTS_REPORT_VIEW,
            Permission.MERCHANTS_APPLICATION_REVIEW,
            Permission.MERCHANTS_CAMPAIGN_PUBLISH,
            Permission.MERCHANTS_CASH_OFFER,
            Permission.MERCHANTS_COMPLAINT_HANDLE,
            Permission.MERCHANTS_MERCHANT_LIST,
            Permission.MERCHANTS_PERMIT_DECIDE,
            Permission.MERCHANTS_PERMIT_VIEW,
            Permission.MERCHANTS_QUOTA_VIEW,
            Permission.MERCHANTS_WORKS_PUBLISH,
            Permission.PLACES_REGISTER_VIEW,
            Permission.PLACES_ZONE_DRAW,
            Permission.PLACES_ZONE_VIEW,
            Permission.RESERVATIONS_LODGING_APPROVE,
        }
    ),
    Role.OPERATOR: frozenset(
        {
            Permission.CARDBANK_CARD_BLOCK,
            Permission.CARDBANK_CARD_ISSUE,
            Permission.CARDBANK_CARD_REFUND,
            Permission.CARDBANK_GIFT_MAKE,
            Permission.CARDBANK_KIND_DEFINE,
            Permission.CARDBANK_LIMIT_SET,
            Permission.CARDBANK_LINE_GIVE,
            Permission.CARDBANK_ORDER_HANDLE,
            Permission.CARDBANK_TOPUP_TAKE,
            Permission.IDENTITY_MEMBER_MANAGE,
            Permission.IDENTITY_PERSON_ENROL,
            Permission.IDENTITY_PERSON_VIEW,
            Permission.IDENTITY_SIGN_IN_MANAGE,
            Permission.INSIGHTS_CITY_VIEW,
            Permission.INSIGHTS_REPORT_VIEW,
            Permission.LOYALTY_DEPOSIT_CONFIRM,
            Permission.LOYALTY_GROUP_MANAGE,
            Permission.LOYALTY_LETTER_WRITE,
            Permission.MERCHANTS_ACCOUNT_APPROVE,
            Permission.MERCHANTS_BATCH_DECIDE,
            Permission.MERCHANTS_CASH_OFFER,
            Permission.MERCHANTS_CONTRACT_SIGN,
            Permission.MERCHANTS_MERCHANT_LIST,
            Permission.MERCHANTS_PERMIT_VIEW,
            Permission.MERCHANTS_RECEIVER_KEEP,
            Permission.MERCHANTS_SALES_VIEW,
            Permission.MERCHANTS_SETTLEMENT_RUN,
            Permission.MERCHANTS_SETTLEMENT_VIEW,
            Permission.MERCHANTS_TERMINAL_OPEN,
            Permission.MERCHANTS_TERMINAL_SUSPEND,
            Permission.MERCHANTS_TERMINAL_VIEW,
            Permission.PLACES_MOON_MOVE,
            Permission.PLACES_PLACE_IMPORT,
            Permission.PLACES_PRAYERS_ADJUST,
            Permission.PLACES_PLACE_KEEP,
            Permission.PLACES_REGISTER_VIEW,
            Permission.PLACES_SUGGESTION_REVIEW,
            Permission.PLACES_ZONE_VIEW,
            Permission.PORTAL_LIVE_VIEW,
            Permission.PORTAL_MESSAGE_VIEW,
            Permission.PORTAL_OUTAGE_ANNOUNCE,
        }
    ),
    Role.PILGRIM: frozenset(
        {
            Permission.CARDBANK_BALANCE_VIEW,
            Permission.CARDBANK_FAMILY_KEEP,
            Permission.CARDBANK_MONEY_MOVE,
            Permission.CARDBANK_OWN_CARD_HOLD,
            Permission.CARDBANK_STATEMENT_VIEW,
            Permission.MERCHANTS_COMPLAINT_MAKE,
            Permission.RESERVATIONS_BOOKING_MAKE,
        }
    ),
    Role.SPONSOR: frozenset(
        {
            Permission.CARDBANK_CARD_ORDER,
            Permission.IDENTITY_MEMBER_MANAGE,
            Permission.LOYALTY_BENEFIT_MANAGE,
            Permission.LOYALTY_GROUP_MANAGE,
            Permission.LOYALTY_LETTER_WRITE,
            Permission.MERCHANTS_PERMIT_ASK,
        }
    ),
    Role.UNION: frozenset(
        {
            Permission.CARDBANK_CARD_ORDER,
            Permission.IDENTITY_MEMBER_MANAGE,
            Permission.INSIGHTS_REPORT_VIEW,
            Permission.MERCHANTS_APPLICATION_REVIEW,
            Permission.MERCHANTS_BRANCH_DECIDE,
            Permission.MERCHANTS_CEILING_SET,
            Permission.MERCHANTS_COMPLAINT_HANDLE,
            Permission.MERCHANTS_DUE_KEEP,
            Permission.MERCHANTS_INSPECTION_PLAN,
            Permission.MERCHANTS_MEMBER_IMPORT,
            Permission.MERCHANTS_MERCHANT_LIST,
            Permission.MERCHANTS_QUOTA_KEEP,
            Permission.MERCHANTS_QUOTA_VIEW,
            Permission.RESERVATIONS_LODGING_APPROVE,
        }
    ),
}

# The operator runs the platform for every organisation; all other roles reach their own only.
PLATFORM_ROLES = frozenset({Role.OPERATOR})

# What an organisation may make of a person, by its kind; the first is its owner's role.
STAFF_ROLES: dict[str, tuple[Role, ...]] = {
    "city_office": (Role.CITY_MANAGER,),
    "merchant": (Role.MERCHANT, Role.CASHIER),
    "municipality": (Role.MUNICIPALITY, Role.SPONSOR),
    "operator": (Role.OPERATOR,),
    "sponsor": (Role.SPONSOR,),
    "union": (Role.UNION, Role.SPONSOR),
}

# Who moves money or decides; where the settings require it, these roles count only with an authenticator.
SECOND_STEP_ROLES = frozenset({Role.MERCHANT, Role.MUNICIPALITY, Role.OPERATOR, Role.SPONSOR, Role.UNION})

# What binds a shop as a whole, its money first of all: no role in one of its branches holds it.
OF_THE_WHOLE = frozenset(
    {
        Permission.CARDBANK_CARD_ORDER,
        Permission.LOYALTY_GROUP_MANAGE,
        Permission.LOYALTY_LETTER_WRITE,
        Permission.MERCHANTS_ACCOUNT_PROPOSE,
        Permission.MERCHANTS_BRANCH_ASK,
        Permission.MERCHANTS_CAMPAIGN_JOIN,
        Permission.MERCHANTS_CASH_SIGN,
        Permission.MERCHANTS_DUE_PAY,
        Permission.MERCHANTS_INSPECTION_VIEW,
        Permission.MERCHANTS_PERMIT_ASK,
        Permission.MERCHANTS_QUOTA_TAKE,
        Permission.MERCHANTS_TERMS_SIGN,
        Permission.MERCHANTS_WEBHOOK_MANAGE,
    }
)


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held in an organisation, and in one branch of it when `branch_id` is given. Pilgrims hold theirs in none."""

    role: Role
    organisation_id: int | None
    branch_id: int | None

    def allows(self, permission: str, organisation_id: int | None) -> bool:
        if permission not in ROLE_PERMISSIONS[self.role] or (self.branch_id is not None and permission in OF_THE_WHOLE):
            return False
        return organisation_id is None or self.role in PLATFORM_ROLES or self.organisation_id == organisation_id


@dataclass(frozen=True, slots=True)
class Identity:
    """A signed-in person, the same for a cookie session and a bearer token.

    `lacks_second_step` says that roles are withheld from `grants` until the person has an authenticator.
    `calendar` is the one chosen to read dates in, where it is not the language's.
    """

    sign_in_id: int
    person_id: int
    name: str
    language: str
    grants: tuple[Grant, ...]
    lacks_second_step: bool = False
    calendar: Calendar | None = None

    def can(self, permission: str, organisation_id: int | None = None) -> bool:
        """Whether any role allows it; with `organisation_id`, whether one allows it for that organisation."""
        return any(grant.allows(permission, organisation_id) for grant in self.grants)

    def organisations(self, permission: str) -> frozenset[int] | None:
        """The organisations the permission reaches; None when it reaches all of them."""
        allowing = [grant for grant in self.grants if grant.allows(permission, None)]
        if any(grant.role in PLATFORM_ROLES for grant in allowing):
            return None
        return frozenset(grant.organisation_id for grant in allowing if grant.organisation_id is not None)

    def branches(self, organisation_id: int, permission: str | None = None) -> frozenset[int] | None:
        """The branches of an organisation the person is bound to, for a permission if one is given; None when not bound to any."""
        if permission is not None and self.organisations(permission) is None:
            return None
        bound = [
            grant.branch_id
            for grant in self.grants
            if grant.organisation_id == organisation_id and (permission is None or grant.allows(permission, organisation_id))
        ]
        return None if None in bound else frozenset(branch for branch in bound if branch is not None)

    def reach(self, permission: str) -> tuple[frozenset[int] | None, frozenset[int]]:
        """What a permission reaches: organisations as a whole (None for all of them), and single branches of others."""
        organisations = self.organisations(permission)
        if organisations is None:
            return None, frozenset()
        bound = {one: self.branches(one, permission) for one in organisations}
        whole = frozenset(one for one, branches in bound.items() if branches is None)
        return whole, frozenset().union(*(branches for branches in bound.values() if branches is not None))

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants)

    @property
    def actor(self) -> Actor:
        return Actor(account_id=self.sign_in_id, name=self.name[:80])
