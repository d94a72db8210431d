"""From a domain error to an answer: a page, a redirect to the sign-in page, or problem+json (RFC 9457)."""

from collections.abc import Callable

import msgspec
from flask import Flask, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException

from kernel.errors import DomainError, NotFound
from kernel.web.routes import door_of_request
from kernel.web.visit import SecondStepMissing, SignInRequired

# What a machine's programmer reads; people read the sentence that the client makes of the code.
TITLES = {
    "app_too_old": "This release of the app is not answered any more; update it.",
    "bad_input": "A field of the request is wrong.",
    "bookings_open": "Something is booked or kept and has not ended; cancel it first.",
    "card_holds_money": "The card holds money or owes some; a desk pays it out.",
    "card_held_already": "This account has a card; a replacement mends what is wrong with it.",
    "card_is_replaced": "The card has been replaced already.",
    "card_kind_closed": "Cards of this kind are not given to new holders.",
    "card_kind_not_found": "There is no such kind of card; /card-kinds lists them.",
    "card_not_found": "This account has no such card.",
    "card_not_replaceable": "A card in this state is not replaced.",
    "card_sign_in_refused": "Card number and PIN do not open an account, or the PIN is locked; it is not said which.",
    "card_transition_not_allowed": "The card is in a state that does not lead to the wanted one.",
    "card_not_usable": "The state of the card does not allow it.",
    "claim_not_found": "This account has no such claim, or it is decided.",
    "claim_on_record": "The record says this already.",
    "first_card_is_ready": "A card lies ready as it was asked for; withdraw the wish first.",
    "first_card_not_found": "This account asks for no card.",
    "form_expired": "The form is too old or did not come from this site; load it again.",
    "helping_not_found": "This account neither gives nor takes such help.",
    "helps_already": "This account helps the person already.",
    "issuing_limit_reached": "A limit of issuing is reached; `fault` and `most` say which.",
    "key_missing": "A write carries an Idempotency-Key of its own; make a UUID before the first try.",
    "kind_held_already": "The person holds as many cards of the kind as it allows.",
    "key_reused": "This Idempotency-Key stands for another request.",
    "method_not_allowed": "The resource does not take this method.",
    "not_their_helper": "The person did not let this account do that, or there is no such person.",
    "not_found": "There is no such resource.",
    "not_permitted": "This account may not do that.",
    "number_code_refused": "The code of the message is wrong, too old or used; ask for a new one.",
    "one_time_code_refused": "The one-time code is wrong, too old or used; wait for the next one.",
    "person_to_choose": "Several people share the number; give the same code again with one of `people` as `person`.",
    "phone_code_refused": "The code of the message is wrong, too old or used; ask for a new one.",
    "replacement_not_found": "No new card is being asked for in the place of this one.",
    "roles_held": "Somebody who works on the platform gives up the roles first.",
    "second_step_due": "Name and password are right; send the one-time code of the authenticator as `code` too.",
    "second_step_missing": "This account may not work before it has an authenticator; add one in the portal.",
    "service_unavailable": "A part of the platform does not answer; try again in a moment.",
    "sign_in_refused": "Name and password do not belong together.",
    "sign_in_required": "Sign in first: the access token is missing.",
    "token_refused": "The token is not valid any more; sign in or refresh.",
    "too_large": "The request is larger than this resource takes.",
    "too_many_sign_in_tries": "Too many failed tries under this name; wait and try again.",
    "too_many_requests": "Too many requests; wait as long as Retry-After says.",
    "malfunction": "Something failed here; it is recorded and no money moved by this request.",
}


class FormExpired(DomainError):
    code = "form_expired"
    status = 400


class ServiceUnavailable(DomainError):
    code = "service_unavailable"
    status = 503


class Malfunction(DomainError):
    code = "malfunction"
    status = 500


class MethodNotAllowed(DomainError):
    code = "method_not_allowed"
    status = 405


class TooLarge(DomainError):
    code = "too_large"
    status = 413


class BadRequest(DomainError):
    code = "bad_input"
    status = 400


_BY_STATUS: dict[int, type[DomainError]] = {
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    500: Malfunction,
}


def title_of(code: str) -> str:
    return TITLES.get(code, code.replace("_", " ").capitalize() + ".")


def problem(error: DomainError, sentence: Callable[[str, dict[str, object]], str] | None = None) -> Response:
    """A problem document: type, title, status, code, and the facts of the error; `detail` where `sentence` makes one for people,
    in the language of the request.
    """
    body = {
        "type": f"urn:pilgrim-card:problem:{error.code}",
        "title": title_of(error.code),
        **({"detail": sentence(error.code, error.facts)} if sentence else {}),
        "status": error.status,
        "code": error.code,
        "facts": error.facts,
    }
    response = Response(msgspec.json.encode(body, enc_hook=str), status=error.status, mimetype="application/problem+json")
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if "wait_seconds" in error.facts:
        response.headers["Retry-After"] = str(error.facts["wait_seconds"])
    return response


def pages(
    sign_in_endpoint: str, template: str = "error.html", second_step_endpoint: str = ""
) -> Callable[[DomainError], ResponseReturnValue]:
    """A refusal for people: the sign-in page for who reads a page without having signed in, the authenticator's for who has
    none and needs one, else an error page.
    """

    def refuse(error: DomainError) -> ResponseReturnValue:
        if isinstance(error, SignInRequired) and request.method == "GET":
            return redirect(url_for(sign_in_endpoint, next=request.full_path.rstrip("?")))
        if second_step_endpoint and isinstance(error, SecondStepMissing) and request.method == "GET":
            return redirect(url_for(second_step_endpoint))
        page = render_template(template, status=error.status, code=error.code, facts=error.facts)
        return page, error.status

    return refuse


def register_error_table(app: Flask) -> None:
    """What fails outside a view: no route, a wrong method, a forged form, a lost database, a mistake of ours."""

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        if error.code is None or error.code < 400:
            return error.get_response()
        if isinstance(error, CSRFError):
            return door_of_request().refuse(FormExpired())
        return door_of_request().refuse(_BY_STATUS.get(error.code, BadRequest if error.code < 500 else Malfunction)())

    @app.errorhandler(OperationalError)
    def database_lost(error: OperationalError) -> ResponseReturnValue:
        app.logger.error("database does not answer: %s", type(error.orig).__name__)
        return door_of_request().refuse(ServiceUnavailable())

    @app.errorhandler(DataError)
    def no_value(error: DataError) -> ResponseReturnValue:
        """A number that no column holds or a text with a NUL, which no form of ours sends: an address was made by hand."""
        app.logger.warning("%s asked with %s", request.endpoint, type(error.orig).__name__)
        return door_of_request().refuse(BadRequest())

    @app.errorhandler(Exception)
    def mistake(error: Exception) -> ResponseReturnValue:
        app.logger.error("unhandled %s in %s", type(error).__name__, request.endpoint, exc_info=error)
        return door_of_request().refuse(Malfunction())
