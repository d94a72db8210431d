"""What is missing in a form is said by the server, in the reader's language: a browser would say it in its own, and name no remedy."""

import re

import pytest

from portal.blueprint import FOLDER

FORM = re.compile(r"<form\b(?:\{\{.*?\}\}|[^>])*>.*?</form>", re.DOTALL)
OFFICES = (
    "branches/keep.html", "branches/new.html", "branches/wish.html", "dues/due.html", "desk.html", "family/desk_search.html", "inspections/list.html",
    "instalments/contract.html", "instalments/lines.html", "leaving/desk.html", "messages.html", "onboarding/review.html", "reports/report.html",
    "settlement/account.html", "settlement/commission.html", "settlement/runs.html", "settlement/trade_terms.html", "webhooks/webhooks.html",
)  # fmt: skip


@pytest.mark.parametrize("template", OFFICES)
def test_offices_forms_are_not_judged_by_the_browser(template: str) -> None:
    forms = FORM.findall((FOLDER / "templates" / template).read_text(encoding="utf-8"))
    asking = [form for form in forms if 'method="post"' in form and re.search(r"kit\.field|form\.long|branch\.names", form)]
    assert asking
    assert [form[:90] for form in asking if " novalidate>" not in form] == []
