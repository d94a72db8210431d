"""Words and sentences of benefits, for the codes of `loyalty.benefits`; and where one is spent, as people say it."""

from collections.abc import Iterator, Sequence

from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from markupsafe import Markup

from insights.benefits import Use
from kernel.languages import in_language
from loyalty.benefits.queries import BudgetLine, HeldBenefit, PlanRow
from merchants.benefits.queries import Places
from merchants.rules import ShopKind
from portal import formats
from portal.directory_words import SHOP_KINDS
from portal.reckoning import reckoning

DEPOSIT_STATES = {
    "proposed": (lazy("Waits for a second person"), "warn", "clock"),
    "confirmed": (lazy("In the budget"), "good", "circle-check"),
    "refused": (lazy("Refused"), "bad", "circle-x"),
    "withdrawn": (lazy("Taken back"), "calm", "ban"),
}

RECURS = {"once": lazy("Once"), "monthly": lazy("Every month")}

COLUMNS = {
    "name": lazy("Name and family name"),
    "national_id": lazy("National id"),
    "foreign_code": lazy("Universal code of foreigners"),
    "passport": lazy("Passport"),
    "country": lazy("Country of the passport"),
    "card": lazy("Card number"),
    "group": lazy("Group"),
}

RETURNS = {
    "waiting": lazy("Back: members who got no card in time or left"),
    "lapsed": lazy("Back: what members have not spent"),
}

SENTENCES = {
    "benefit_member_already": lazy("This person is a member already, or stands in the list twice. Leave the row out."),
    "benefit_member_not_found": lazy("There is no such member any more."),
    "benefit_plan_is_over": lazy("This plan is over. Begin a new one to give members something again."),
    "benefit_plan_not_begun": lazy("This plan has not begun yet. It is funded by itself from its first day on."),
    "benefit_plan_not_found": lazy("There is no such plan."),
    "budget_too_small": lazy("The budget lacks %(lacking_rial)s Rial for %(members)s members, so nobody was funded. Pay it in first, on the page Budget."),
    "card_has_no_holder": lazy("No person holds a card with this number. Take the national id, or read the digits again."),
    "deposit_decided": lazy("Somebody has decided on this deposit already."),
    "deposit_not_found": lazy("There is no such deposit."),
    "deposit_stated_before": lazy("This bank reference stands on another deposit already. Please look at the list."),
    "member_list_not_found": lazy("There is no such list."),
    "no_budget_yet": lazy("Your organisation has no budget yet. Open one on the page Benefits."),
    "nobody_to_fund": lazy("Every member has this benefit already, or there is no member yet."),
    "own_deposit": lazy("Nobody confirms a deposit that they stated themselves. A second person must look at it."),
    "wrong_deposit.amount": lazy("The amount is a whole number of Rial above zero."),
    "wrong_deposit.paid_on": lazy("The day of payment is year/month/day, today or in the last 90 days."),
    "wrong_deposit.reference": lazy("The bank reference has 4 to 40 digits or Latin letters, as on the bank's slip."),
    "wrong_member.card": lazy("A card number has 19 digits. One is missing or wrong: please read them again."),
    "wrong_member.name": lazy("A name has 2 to 80 letters."),
    "wrong_member.none": lazy("Give one number: national id, universal code, passport or card."),
    "wrong_member.several": lazy("Give one number only: national id, universal code, passport or card."),
    "wrong_plan.amount": lazy("The amount for a member is between 10,000 and 1,000,000,000 Rial."),
    "wrong_plan.before_start": lazy("The last day comes after the first."),
    "wrong_plan.cities": lazy("Tick at least one city."),
    "wrong_plan.group": lazy("The name of a group has at most 40 letters."),
    "wrong_plan.kinds": lazy("Tick trades of the list, or none for all of them."),
    "wrong_plan.many": lazy("At most 200 shops can be named. Tick trades and cities instead."),
    "wrong_plan.name": lazy("A plan has a name of 2 to 60 letters."),
    "wrong_plan.no_day": lazy("Write the day as year/month/day, for example 1406/06/31."),
    "wrong_plan.starts_on": lazy("A plan begins today or later."),
    "wrong_plan.taken": lazy("A plan of this name is not over yet. Look at it on the page Benefits, or choose another name."),
    "wrong_plan.too_long": lazy("A plan lasts three years at most."),
    "wrong_plan.unknown": lazy("There is no shop with the number %(number)s. It stands on the shop's receipts: M and 14 digits."),
}  # fmt: skip


def where(kinds: Sequence[str], cities: Sequence[int], shops: Sequence[int], places: Places) -> str:
    """`restaurant and sweets in Mashhad`, or the shops by name."""
    language = str(get_locale())
    in_cities = _joined([in_language(places.cities.get(city, {}), language) for city in cities])
    if shops:
        return _joined([in_language(places.shops.get(shop, {}), language) for shop in shops])
    if not kinds:
        return _("every shop in %(cities)s", cities=in_cities)
    trades = _joined([str(SHOP_KINDS[ShopKind(kind)][0]) for kind in kinds])
    return _("%(trades)s in %(cities)s", trades=trades, cities=in_cities)


def plan_sentence(row: PlanRow, places: Places) -> Markup:
    """What the plan gives, in one sentence."""
    plan = row.plan
    language = str(get_locale())
    facts = {
        "amount": formats.money(plan.amount_rial, language),
        "where": where(plan.kinds, plan.cities, plan.shops, places),
        "first": formats.day(plan.starts_on, language, reckoning()),
        "last": formats.day(plan.ends_on, language, reckoning()),
    }
    if plan.recurs == "monthly":
        said = _(
            "Each member gets %(amount)s every month from %(first)s to %(last)s, to spend in that month: %(where)s. What is left comes back."
        )
    else:
        said = _(
            "Each member gets %(amount)s once, to spend from %(first)s to the end of %(last)s: %(where)s. What is left comes back."
        )
    return Markup(said) % facts  # noqa: S704 - the catalogue's own sentence; what is put in is escaped


def benefit_sentence(held: HeldBenefit, places: Places) -> str:
    """What a holder reads: from whom, where, until when."""
    language = str(get_locale())
    return _(
        "%(organisation)s has given you this for “%(plan)s”. It pays by itself until the end of %(day)s: %(where)s.",
        organisation=in_language(held.organisation_names, language),
        plan=in_language(held.plan_names, language),
        day=formats.last_day(held.usable_until, language, reckoning()),
        where=where(held.kinds, held.cities, held.shops, places),
    )


def movement(line: BudgetLine) -> str:
    """What moved the budget, in words."""
    language = str(get_locale())
    if line.reference is not None:
        return _("Deposit %(reference)s", reference=line.reference)
    if line.plan_names is not None:
        members = formats.number(line.members or 0, language)
        return _("“%(plan)s” for %(members)s members", plan=in_language(line.plan_names, language), members=members)
    return str(RETURNS.get(line.source or "", ""))


def use_rows(use: Use) -> Iterator[Sequence[str | int]]:
    """The report as a sheet. Hidden cells are dashes."""
    yield [_("Trade"), _("Members"), _("Purchases"), _("Amount (Rial)")]
    for cell in use.cells:
        trade = str(SHOP_KINDS[ShopKind(str(cell.key))][0])
        yield (trade, "-", "-", "-") if cell.is_hidden else (trade, cell.people, cell.purchases, cell.amount_rial)
    total = use.total
    yield (_("In all"), "-", "-", "-") if total.is_hidden else (_("In all"), total.people, total.purchases, total.amount_rial)


def _joined(names: Sequence[str]) -> str:
    return format_list(list(names), locale=str(get_locale())) if names else ""
