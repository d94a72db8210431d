"""What a purchase earns, as pure functions over dated rules. Amounts are whole Rial; 100 basis points are one per cent."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from cardbank.ledger.types import AccountKind, Earn, Terms
from kernel.calendar import TEHRAN, end_of_day, local_day
from kernel.languages import DEFAULT_LANGUAGE
from kernel.money import grouped
from loyalty.errors import WrongEarnRule

LONGEST_VALID_DAYS = 3660
MOST_RIAL = 10**12


class EarnRuleProfile(Struct, frozen=True):
    """A rule as it holds from `starts_at` until before `ends_at`; `rule_id` is 0 while it has not begun."""

    rule_id: int
    starts_at: datetime
    ends_at: datetime | None
    basis_points: int
    fixed_rial: int
    most_rial: int
    minimum_rial: int
    usable_after_days: int
    valid_days: int

    def is_in_force(self, now: datetime) -> bool:
        return self.starts_at <= now and (self.ends_at is None or now < self.ends_at)


class ProgrammeProfile(Struct, frozen=True):
    """An active programme with its rules of now and later. `programme_id` and `funder_id` are wallets in the ledger."""

    programme_id: int
    code: str
    names: dict[str, str]
    funder_id: int
    rules: tuple[EarnRuleProfile, ...]


def earn_for(profile: ProgrammeProfile, now: datetime, amount_rial: int, zone: ZoneInfo = TEHRAN) -> tuple[Earn, ...]:
    """What a purchase of `amount_rial` at `now` may earn: one Earn for each rule in force whose minimum is reached.

    The base, known only when the ledger has split the tender, is what was paid with money. Credit is usable from the
    beginning of a day and until the end of one, in `zone`, so that grants of one day with equal terms share a lot.
    """
    return tuple(
        Earn(
            programme_id=profile.programme_id,
            rule_id=rule.rule_id,
            basis_points=rule.basis_points,
            fixed=rule.fixed_rial,
            lines=frozenset(),
            paid_by=frozenset({AccountKind.MONEY}),
            most=rule.most_rial,
            terms=_terms(profile, rule, local_day(now, zone), zone),
        )
        for rule in profile.rules
        if rule.is_in_force(now) and amount_rial >= rule.minimum_rial
    )


def _terms(profile: ProgrammeProfile, rule: EarnRuleProfile, day: date, zone: ZoneInfo) -> Terms:
    first_day = day + timedelta(days=rule.usable_after_days)
    return Terms(
        kind=AccountKind.CREDIT_LOT,
        programme_id=profile.programme_id,
        funder_id=profile.funder_id,
        scope_id=None,
        usable_from=end_of_day(first_day - timedelta(days=1), zone),
        usable_until=end_of_day(first_day + timedelta(days=rule.valid_days), zone),
    )


def check_earn_rule(rule: EarnRuleProfile) -> None:
    """Raises WrongEarnRule, which names the figure that is out of its range."""
    faults = {
        "basis_points": not 0 <= rule.basis_points <= 10_000,
        "fixed_rial": not 0 <= rule.fixed_rial <= MOST_RIAL,
        "most_rial": not 0 < rule.most_rial <= MOST_RIAL,
        "minimum_rial": not 0 <= rule.minimum_rial <= MOST_RIAL,
        "usable_after_days": not 0 <= rule.usable_after_days <= LONGEST_VALID_DAYS,
        "valid_days": not 0 < rule.valid_days <= LONGEST_VALID_DAYS,
        "gives_nothing": rule.basis_points == 0 and rule.fixed_rial == 0,
    }
    for field, is_wrong in faults.items():
        if is_wrong:
            raise WrongEarnRule(field=field)


def explain(rule: EarnRuleProfile, language: str) -> str:
    """One plain sentence of the rule, ASCII digits. Languages: fa, en, ar, ur; Persian else."""
    words = _SENTENCES.get(language, _SENTENCES[DEFAULT_LANGUAGE])
    figures = {
        "percent": f"{rule.basis_points / 100:g}",
        "fixed": grouped(rule.fixed_rial),
        "most": grouped(rule.most_rial),
        "minimum": grouped(rule.minimum_rial),
        "after": rule.usable_after_days,
        "valid": rule.valid_days,
    }
    if not rule.basis_points:
        gives = words["fixed"]
    elif not rule.fixed_rial:
        gives = words["percent"]
    else:
        gives = words["both"]
    condition = words["minimum"] if rule.minimum_rial else ""
    usable = words["later"] if rule.usable_after_days else words["at_once"]
    sentence = words["sentence"].format(gives=gives, condition=condition, usable=usable).format(**figures)
    return sentence[0].upper() + sentence[1:]


_SENTENCES = {
    "fa": {
        "sentence": "{condition}{gives} به شما اعتبار داده می‌شود، در هر خرید تا {{most}} ریال؛ {usable}.",
        "percent": "{percent} درصد از آنچه با پول کارت می‌پردازید",
        "fixed": "{fixed} ریال",
        "both": "{percent} درصد از آنچه با پول کارت می‌پردازید و {fixed} ریال علاوه بر آن",
        "minimum": "برای خرید از {minimum} ریال به بالا، ",
        "at_once": "از همان روز و تا {valid} روز پس از آن خرج می‌شود",
        "later": "از {after} روز بعد و تا {valid} روز پس از آن خرج می‌شود",
    },
    "en": {
        "sentence": "{condition}you are given {gives} as credit, at most {{most}} Rial a purchase; {usable}.",
        "percent": "{percent}% of what you pay with the card's money",
        "fixed": "{fixed} Rial",
        "both": "{percent}% of what you pay with the card's money and {fixed} Rial more",
        "minimum": "For a purchase of {minimum} Rial or more, ",
        "at_once": "it can be spent from the same day and for {valid} days after it",
        "later": "it can be spent from {after} days later and for {valid} days after that",
    },
    "ar": {
        "sentence": "{condition}يُمنح لكم {gives} رصيداً، بحدّ أقصى {{most}} ريال لكل شراء؛ {usable}.",
        "percent": "{percent}٪ مما تدفعونه من مال البطاقة",
        "fixed": "{fixed} ريال",
        "both": "{percent}٪ مما تدفعونه من مال البطاقة و{fixed} ريال زيادة",
        "minimum": "عند الشراء بمبلغ {minimum} ريال أو أكثر، ",
        "at_once": "يمكن إنفاقه من اليوم نفسه ولمدة {valid} يوماً بعده",
        "later": "يمكن إنفاقه بعد {after} أيام ولمدة {valid} يوماً بعدها",
    },
    "ur": {
        "sentence": "{condition}آپ کو {gives} کریڈٹ ملتا ہے، ہر خریداری پر زیادہ سے زیادہ {{most}} ریال؛ {usable}۔",
        "percent": "کارڈ کی رقم سے ادا کی گئی رقم کا {percent} فیصد",
        "fixed": "{fixed} ریال",
        "both": "کارڈ کی رقم سے ادا کی گئی رقم کا {percent} فیصد اور مزید {fixed} ریال",
        "minimum": "{minimum} ریال یا اس سے زیادہ کی خریداری پر، ",
        "at_once": "اسی دن سے اور اس کے بعد {valid} دن تک خرچ کیا جا سکتا ہے",
        "later": "{after} دن بعد سے اور اس کے بعد {valid} دن تک خرچ کیا جا سکتا ہے",
    },
}
