"""A permit as PDF, to be carried along: what is granted to whom, under which conditions, with a code that anybody can check."""

import segno
from flask_babel import gettext as _

from kernel.calendar import local_day
from kernel.languages import in_language
from kernel.printing.paper import Paper
from merchants.permits.queries import PermitTold
from portal import formats, permit_words
from portal.papers import two_calendars

CODE_SIDE = 46.0  # millimetres: read at arm's length


def permit_paper(told: PermitTold, language: str, link: str) -> bytes:
    """`link` is the address that says how the permit stands."""
    one = told.permit
    number = formats.number(told.number, language)
    paper = Paper(language, told.number, str(_("Pilgrim Card")))
    paper.head(in_language(told.municipality, language), str(permit_words.KINDS[one.kind]), _("Permit %(number)s", number=number))
    paper.facts((
        (_("Granted to"), in_language(told.asker, language)),
        (_("Where"), one.spot),
        (_("From"), two_calendars(one.starts_on, language)),
        (_("Until the end of"), two_calendars(one.ends_on, language)),
        (_("City"), in_language(told.city, language)),
        (_("Granted on"), two_calendars(local_day(one.decided_at), language) if one.decided_at else ""),
    ))  # fmt: skip
    paper.section(_("What for"))
    paper.note(one.words)
    if one.conditions:
        paper.section(_("Conditions"))
        paper.note(one.conditions)
    paper.section(_("Is it valid?"))
    paper.note(_("Read this code with a phone: it says whether the permit is valid today, and nothing of a person."))
    code = segno.make_qr(link, error="m")
    paper.code(["".join(str(module) for module in row) for row in code.matrix], CODE_SIDE)
    return paper.finish(lambda page, pages: told.number)
