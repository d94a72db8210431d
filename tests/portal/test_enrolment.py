"""The desk's form for pilgrims."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from identity.permissions import Identity, Role

SignIn = Callable[..., tuple[FlaskClient, Identity]]
FORM = {"called": "Hassan Ali", "kind": "passport", "number": "A1234567", "country": "IRQ", "mobile": "", "language": "ar"}


@pytest.fixture
def desk(sign_in: SignIn) -> FlaskClient:
    return sign_in(Role.OPERATOR)[0]


def test_a_pilgrim_is_enrolled_and_shown_with_last_digits_only(desk: FlaskClient) -> None:
    made = desk.post("/desk/people", data=FORM)
    assert made.status_code == 303
    page = desk.get(made.location).text
    assert "Enrolled." in page
    assert "Hassan Ali" in page
    assert "…4567" in page
    assert "A1234567" not in page
    assert "No card yet" in page
    assert desk.get("/desk/people/999999").status_code == 404


def test_what_is_wrong_is_told_beside_the_field_and_stays(desk: FlaskClient) -> None:
    lines = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
    for given, sentence in (
        ({"number": lines}, "This passport has expired."),
        ({"number": lines.replace("C36", "C37")}, "does not fit its check digit"),
        ({"country": "Iraq"}, "Write the country as three letters"),
        ({"kind": "national_id", "number": "123"}, "A national id has 10 digits."),
        ({"mobile": "12"}, "A mobile number looks like"),
        ({"called": "?"}, "2 to 80"),
    ):
        answer = desk.post("/desk/people", data=FORM | given)
        assert answer.status_code == 422, given
        assert sentence in answer.text
        assert f'value="{(FORM | given)["number"]}"'.replace("<", "&lt;") in answer.text


def test_who_is_known_is_shown_beside_the_form(desk: FlaskClient) -> None:
    known = desk.post("/desk/people", data=FORM | {"mobile": "+9647701234567"}).location.split("?")[0]
    again = desk.post("/desk/people", data=FORM)
    assert again.status_code == 409
    assert "Open that person instead" in again.text
    assert f'href="{known}"' in again.text
    other = FORM | {"number": "B7654321", "mobile": "+9647701234567", "called": "Zainab"}
    shared = desk.post("/desk/people", data=other)
    assert shared.status_code == 409
    assert "tick the box" in shared.text
    assert f'href="{known}"' in shared.text
    made = desk.post("/desk/people", data=other | {"another": "yes"})
    assert made.status_code == 303
    assert f'href="{known}"' in desk.get(made.location).text
