"""A shop's own words on its receipts: kept as typed, refused with a sentence, and told to its tills at once."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from merchants.queries import terminal_profile
from merchants.till.texts import Texts, texts_of_shop, texts_of_till
from tests import factories

SignIn = Callable[..., tuple[FlaskClient, Identity]]
WORDS = {"head_fa": "  زعفران   اصل قائنات ", "head_en": "", "foot_fa": "کانال ما: saffron", "foot_en": "See you again"}


def test_the_words_are_kept_shown_and_part_of_what_a_till_knows(sign_in: SignIn, session: Session) -> None:
    terminal = factories.terminal(session, shop=(shop := factories.merchant(session)))
    plain = factories.terminal(session)
    owner, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    assert owner.post("/look/words", data=WORDS).status_code == 303
    page = owner.get("/look?kept=words").text
    assert "زعفران اصل قائنات" in page
    assert "See you again" in page
    kept = Texts({"fa": "زعفران اصل قائنات"}, {"fa": "کانال ما: saffron", "en": "See you again"})
    session.expire_all()
    assert texts_of_shop(session, shop.id) == texts_of_till(session, terminal.id) == kept
    assert texts_of_till(session, plain.id) == Texts()
    profile = terminal_profile(session, terminal.code)
    assert profile is not None
    assert (profile.receipt_head, profile.receipt_foot) == (kept.head, kept.foot)


@pytest.mark.parametrize(
    ("field", "typed", "sentence"), [("head_fa", "ا" * 61, "60 letters at most"), ("foot_en", "^Bbold", "printers do not take")]
)
def test_what_does_not_fit_is_said_at_its_field_and_stays(
    sign_in: SignIn, session: Session, field: str, typed: str, sentence: str
) -> None:
    shop = factories.merchant(session)
    owner, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    refused = owner.post("/look/words", data=WORDS | {field: typed})
    assert refused.status_code == 422
    assert sentence in refused.text
    assert f'value="{typed}"' in refused.text
    session.expire_all()
    assert texts_of_shop(session, shop.id) == Texts()
