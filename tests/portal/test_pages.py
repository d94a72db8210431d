"""No page escapes the browser: each is opened in two languages and at two widths, or is named with its reason."""

from collections import defaultdict

from flask import Flask

from tests.portal.test_browser import NO_PAGES, PAGES

# An entry is named by its day and number; whatever else an address names, it is one thing.
THINGS = defaultdict(lambda: "1", purchase="2026-01-01/1", top_up="2026-01-01/1", gift="2026-01-01/1")


def opened(app: Flask) -> set[str]:
    """The endpoints of the addresses that the browser opens."""
    addresses = [path.format_map(THINGS) for pages in PAGES.values() for name, path in pages.items() if name != "not-found"]
    return {app.url_map.bind("here").match(address.partition("?")[0])[0] for address in addresses}


def test_every_page_is_opened_by_the_browser_or_named_with_its_reason(app: Flask) -> None:
    of_portal = {
        rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods and rule.endpoint.startswith("portal.")
    }
    assert len(of_portal) > 30
    assert of_portal - opened(app) - set(NO_PAGES) == set()
    assert set(NO_PAGES) <= of_portal
    assert opened(app) & set(NO_PAGES) == set()
