"""The portal's blueprint and how it enters the application: assets, formats, headers."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, g, request, url_for
from flask_babel import get_locale
from markupsafe import Markup

from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.languages import ENDONYMS, LANGUAGES
from portal import (
    complaint_words,
    directory_words,
    field_words,
    formats,
    goods_words,
    inspection_words,
    letter_words,
    municipality_words,
    navigation,
    onboarding_words,
    outage_words,
    place_words,
    security_words,
    stay_words,
    till_words,
    words,
)
from portal.blueprint import blueprint
from portal.built import built_name
from portal.incoming import register_incoming
from portal.reckoning import reckoning
from portal.routes import (  # noqa: F401 – they hang their pages on the blueprint
    accounts,
    batches,
    card_code,
    card_kinds,
    card_orders,
    card_orders_desk,
    cash_limits,
    city,
    claims,
    coming,
    commissions,
    customer_cards,
    customers,
    demand,
    desk,
    desk_family,
    desk_transfer,
    donations,
    dues,
    enrolment,
    entrance,
    family,
    first_cards,
    gifts,
    help_cards,
    inspections,
    issuing,
    leaving,
    live,
    me,
    messages,
    outages,
    own_dues,
    payments,
    people,
    pilgrims_app,
    quality,
    reports,
    savings,
    security,
    settlement,
    shops,
    terminals,
    trade_terms,
    transfer,
    visitors,
    webhooks,
)
from portal.routes.benefits import budget, plans  # noqa: F401 – the same
from portal.routes.benefits import members as benefit_members  # noqa: F401 – the same
from portal.routes.branches import asking, deciding  # noqa: F401 – the same
from portal.routes.branches import keeping as branch_keeping  # noqa: F401 – the same
from portal.routes.complaints import office, orders, shop, telling  # noqa: F401 – the same
from portal.routes.goods import ceilings, counts, deliveries, fields, labels, lists, products, stock, tags  # noqa: F401 – the same
from portal.routes.groups import groups as customer_groups  # noqa: F401 – the same
from portal.routes.groups import letters, senders  # noqa: F401 – the same
from portal.routes.groups.email import register_unsubscribe
from portal.routes.instalments import contracts, lines  # noqa: F401 – the same
from portal.routes.instalments import plans as instalment_plans  # noqa: F401 – the same
from portal.routes.municipality import campaign_joining, campaigns, permit_asking, permits, works, zones  # noqa: F401 – the same
from portal.routes.onboarding import apply, members, review, tills  # noqa: F401 – the same
from portal.routes.places import (  # noqa: F401 – the same
    branches,
    directory,
    history,
    keeping,
    moon,
    pages,
    prayers,
    register,
    suggestions,
)
from portal.routes.quotas import desk as quota_desk  # noqa: F401 – the same
from portal.routes.quotas import lists as quota_lists  # noqa: F401 – the same
from portal.routes.quotas import office as quota_office  # noqa: F401 – the same
from portal.routes.quotas import shop as quota_shop  # noqa: F401 – the same
from portal.routes.stays import (  # noqa: F401 – the same
    authority,
    desk_seats,
    doors,
    finding,
    house,
    letting_in,
    own,
    own_programmes,
    programmes,
)
from portal.routes.stays import desk as front_desk  # noqa: F401 – the same
from portal.routes.till import (  # noqa: F401 – the same
    debt_papers,
    debts,
    giving,
    helping,
    look,
    practice,
    reader,
    receipts,
    returning,
    selling,
    shift,
    slips,
    topping_up,
)
from portal.routes.till import gifts as till_gifts  # noqa: F401 – the same
from portal.routes.till import instalments as till_instalments  # noqa: F401 – the same

THEMES = ("light", "dark")
RIGHT_TO_LEFT = frozenset({"fa", "ar", "ur"})
MAP_CREDIT = "© OpenStreetMap contributors (ODbL), mashhad-metro-data (ODbL), GeoNames (CC BY 4.0), Natural Earth"
YEAR_SECONDS = 365 * 24 * 3600

FORMATS: dict[str, Callable[..., Any]] = {
    "num": formats.number, "percent": formats.percent, "money": formats.money, "card_number": formats.card_number,
    "clock_time": formats.clock_time, "named": formats.named, "lunar": formats.lunar, "quantity": formats.quantity, "sentence": formats.sentence, "choices": formats.choices,
}  # fmt: skip
DAYS: dict[str, Callable[..., str]] = {
    "day": formats.day, "day_digits": formats.day_digits, "both_days": formats.both_days,
    "first_day": formats.first_day, "last_day": formats.last_day, "moment": formats.moment,
}  # fmt: skip

# No inline script or style, nothing from elsewhere; data: is for the pictures inside our own style sheets.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def register_portal(app: Flask) -> None:
    """Put the portal under `/`, with its formats and headers."""
    app.register_blueprint(blueprint)
    register_incoming(app)
    register_unsubscribe(app)
    app.jinja_env.globals.update(
        asset=asset,
        complaint_words=complaint_words,
        field_words=field_words,
        goods_words=goods_words,
        icon=icon,
        inspection_words=inspection_words,
        letter_words=letter_words,
        municipality_words=municipality_words,
        onboarding_words=onboarding_words,
        directory_words=directory_words,
        place_words=place_words,
        security_words=security_words,
        stay_words=stay_words,
        till_words=till_words,
        words=words,
        navigation=navigation,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update({name: _in_language_of_page(function) for name, function in FORMATS.items()})
    app.jinja_env.filters.update({name: _as_the_reader_counts(function) for name, function in DAYS.items()})


@blueprint.app_context_processor
def frame() -> dict[str, Any]:
    """What every page's frame needs; pages outside a visit (an unknown address) get a frame without a person."""
    visit: Visit | None = g.get("visit")
    language = str(get_locale() or "fa")
    theme = request.cookies.get("theme")
    groups = navigation.groups(visit.identity) if visit and visit.identity else []
    places = [place for group in groups for place in group.destinations]
    return {
        "identity": visit.identity if visit else None,
        "language": language,
        "direction": "rtl" if language in RIGHT_TO_LEFT else "ltr",
        "theme": theme if theme in THEMES else "light",
        "groups": groups,
        "is_headed": len(places) > navigation.HEADED_ABOVE,
        "bottom_bar": navigation.bottom_bar(places) if places else [],
        "languages": {code: ENDONYMS[code] for code in LANGUAGES},
        "language_link": _language_link,
        "map_credit": MAP_CREDIT,
        "outages": outage_words.outages_for(visit.identity if visit else None, visit.session if visit else None),
        "now": clock.now(),
        "this_day": local_day(clock.now()),
    }


@blueprint.after_app_request
def guard(response: Response) -> Response:
    """Headers of pages; hashed files never change, so browsers may keep them."""
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = _policy()
        response.headers["Cache-Control"] = "no-store"
    elif request.path.startswith("/static/built/"):
        response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    return response


@blueprint.after_app_request
def lead(response: Response) -> Response:
    """A page that has sent its form itself, so as to outlive a cut, is told where the answer leads and goes there."""
    if response.status_code in (302, 303) and "X-Page-Stays" in request.headers:
        response.headers["X-Leads-To"] = response.headers.pop("Location")
        response.status_code = 200
        response.set_data(b"")
    return response


def _policy() -> str:
    """A page of the till may also connect to the reader beside its computer, and to nothing else."""
    here, beside = "connect-src 'self'", g.get("connects_to")
    return CONTENT_SECURITY_POLICY.replace(here, f"{here} {beside}") if beside else CONTENT_SECURITY_POLICY


def _language_link(code: str) -> str:
    """The same page in another language."""
    return "?" + urlencode({**request.args.to_dict(), "lang": code})


def asset(name: str) -> str:
    """The address of a built file, by its plain name. Raises KeyError for a file that the build does not make."""
    return url_for("portal.static", filename=f"built/{built_name(name)}")


def icon(name: str, *, turns: bool = False) -> Markup:
    """A drawing beside a word, silent to screen readers; `turns` mirrors it where one reads from right to left."""
    kind = "icon icon-turns" if turns else "icon"
    return Markup('<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>').format(
        kind, asset("icons.svg"), name
    )


def _as_the_reader_counts(function: Callable[..., str]) -> Callable[..., str]:
    return lambda when: function(when, str(get_locale() or "fa"), reckoning())


def _in_language_of_page(function: Callable[..., Any]) -> Callable[..., Any]:
    def filtered(*arguments: Any, **options: Any) -> Any:
        return function(*arguments, str(get_locale() or "fa"), **options)

    return filtered
