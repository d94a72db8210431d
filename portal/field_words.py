"""Words and sentences of shops' own fields. Each fault names its remedy."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

from kernel.languages import in_language
from merchants.fields.rules import YES, FieldKind, OwnField
from portal import formats

KINDS = {
    "text": lazy("Text"),
    "number": lazy("A number"),
    "date": lazy("Day"),
    "choice": lazy("One of a list"),
    "yes_no": lazy("Yes or no"),
}
SUBJECTS = {"product": lazy("Products"), "page": lazy("The shop's page")}
ANSWERS = {"yes": lazy("Yes"), "no": lazy("No")}

SENTENCES = {
    "shop_field_not_found": lazy("There is no such field of your shop."),
    "wrong_shop_field.subject": lazy("Say whether the field is for products or for your page."),
    "wrong_shop_field.kind": lazy("Choose what is written into the field."),
    "wrong_shop_field.name": lazy("Write a name of up to %(most)s letters."),
    "wrong_shop_field.taken": lazy("Another field or column is called so already. Choose another name."),
    "wrong_shop_field.choices": lazy("Write 2 to %(most)s different answers, one a line, each of up to %(longest)s letters."),
    "wrong_shop_field.most": lazy("There are %(most)s such fields already. End one first."),
    "wrong_field_value.text": lazy("“%(name)s”: please write at most %(most)s letters."),
    "wrong_field_value.number": lazy("“%(name)s”: please write a number, for example 12 or 2.5."),
    "wrong_field_value.date": lazy("“%(name)s”: please write a day as year/month/day, for example 1406/06/31."),
    "wrong_field_value.choice": lazy("“%(name)s”: please choose one of these: %(choices)s."),
    "wrong_field_value.yes_no": lazy("“%(name)s”: please write yes or no."),
}


def told(field: OwnField, value: str, language: str) -> str:
    """What is said in a field, as its reader writes numbers and days."""
    match field.kind:
        case FieldKind.NUMBER:
            return formats.number(value, language)
        case FieldKind.DATE:
            return formats.day(date.fromisoformat(value), language)
        case FieldKind.YES_NO:
            return str(ANSWERS[value])
    return value


def typed_again(field: OwnField, value: str, language: str) -> str:
    """A kept value as its form shows it; a day in the reader's calendar. What was typed wrongly stays as it is."""
    if field.kind is FieldKind.DATE and len(value) == len("2026-11-26") and value[4] == "-":
        try:
            return formats.day_digits(date.fromisoformat(value), language)
        except ValueError:
            return value
    return value


def in_sheet(field: OwnField, value: str, language: str) -> str:
    """A kept value in a list that may be brought back."""
    if field.kind is FieldKind.YES_NO and value:
        return ("yes" if value == YES else "no") if language == "en" else ("بله" if value == YES else "خیر")
    return value


def on_label(field: OwnField, value: str, language: str) -> str:
    return _("%(name)s: %(value)s", name=in_language(field.names, language), value=told(field, value, language))
