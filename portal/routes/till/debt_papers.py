"""Debts on paper and as sheets: the settlement of one debt, and the open book with its ageing."""

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from cardbank.cards.queries import card_profile
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import TEHRAN, day_digits, local_day
from kernel.languages import in_language
from kernel.sheets import sheet_of
from kernel.web.routes import route
from merchants.debts.queries import DebtRow
from merchants.debts.rules import Bucket, bucket_of
from portal import till_words
from portal.blueprint import blueprint
from portal.lists import MEDIA_TYPES, check_form, download
from portal.routes.till.debts import open_book, visible_debt

OPERATE = Permission.MERCHANTS_TILL_OPERATE


@route(blueprint, "/till/debts/<int:debt_id>/sheet", permission=OPERATE)
def till_debt_sheet(visit: Visit, debt_id: int) -> ResponseReturnValue:
    """What was owed, each payment, and what is left: for the customer to take along or to sign."""
    row = visible_debt(visit, debt_id)
    card = card_profile(visit.session, row.debt.card_id) if row.debt.card_id else None
    return render_template("till/debt_sheet.html", active="portal.till", row=row, card=card)


@route(blueprint, "/till/debts.<form>", permission=OPERATE)
def till_debts_sheet(visit: Visit, form: str) -> Response:
    """The open debts of the shop, each in the column of its age, and the sums. Raises NotFound for another form."""
    check_form(form)
    said = {name: str(word) for name, word in till_words.DEBT_COLUMNS.items()}
    today = local_day(clock.now())
    rows = [_cells(visit, row, bucket_of(row.debt.due_on, today)) for row in open_book(visit)]
    sums = [sum(int(row[column]) for row in rows) for column in range(5, 8 + len(Bucket))]
    table: list[list[str | int]] = [
        [*(said[name] for name in till_words.DEBT_COLUMNS), *(str(till_words.BUCKETS[bucket][0]) for bucket in Bucket)],
        *rows,
        [str(till_words.DEBT_TOTAL), "", "", "", "", *sums],
    ]
    name = f"debts-{today.isoformat()}.{form}"
    return download(sheet_of(form, table, str(till_words.DEBTS), visit.language), MEDIA_TYPES[form], name)


def _cells(visit: Visit, row: DebtRow, age: Bucket) -> list[str | int]:
    debt = row.debt
    entered = debt.entered_at.astimezone(TEHRAN).date()
    return [
        str(debt.id), debt.customer, in_language(row.branch_names, visit.language),
        day_digits(entered, visit.language), day_digits(debt.due_on, visit.language),
        debt.amount_rial, debt.amount_rial - row.left_rial, row.left_rial,
        *(row.left_rial if bucket is age else 0 for bucket in Bucket),
    ]  # fmt: skip
