"""A person at a browser: what the pages do in it, and whether everybody can read them."""

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FloatRect, Page, ViewportSize

from identity.services import sign_in
from kernel.db import unit_of_work
from kernel.web.application import SESSION_COOKIE
from tests.conftest import ROOT

if TYPE_CHECKING:
    from tests.portal.site import Site

PICTURES = os.environ.get("PILGRIM_SCREENSHOTS", "")
GUIDE_SIZE = ViewportSize(width=1280, height=900)
MOST_PICTURE_BYTES = 120_000
AXE = ROOT / "portal" / "assets" / "node_modules" / "axe-core" / "axe.min.js"


def size_of(width: int) -> ViewportSize:
    return {"width": width, "height": 900 if width > 600 else 844}


class Visitor:
    """A browser of one person; every request that would leave the site and every error of a page is noted."""

    def __init__(self, browser: Browser, site: "Site", role: str | None, language: str, width: int, theme: str = "light") -> None:
        self.context: BrowserContext = browser.new_context(viewport=size_of(width), is_mobile=width < 600, base_url=site.address)
        cookies = {"language": language, "theme": theme}
        if role is not None:
            with unit_of_work() as session:
                cookies[SESSION_COOKIE] = sign_in(session, role, site.password(role))[1]
        self.context.add_cookies([{"name": name, "value": value, "url": site.address} for name, value in cookies.items()])
        self.faults: list[str] = []
        self.context.on("request", lambda request: self._check(site, request.url))
        self.context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda told: self.faults.append(told.text) if "Content Security Policy" in told.text else None)

    def _check(self, site: "Site", address: str) -> None:
        if not address.startswith((site.address, "data:", "blob:")):
            self.faults.append(f"request leaves the site: {address}")

    def open(self, path: str, status: int = 200) -> Page:
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == status, f"{path} answers {answer.status}"
        self.page.wait_for_function("document.fonts.status === 'loaded'")
        picking = self.page.locator("[data-picks] [data-tiles]").count()  # nothing stands on it before one clicks
        if self.page.locator("[data-tiles]").count() > picking:
            self.page.wait_for_selector("[data-tiles] :is(.shop-dot, .zone)", state="attached")
        return self.page

    def resize(self, width: int) -> None:
        """To another device, without loading the page again."""
        self.page.set_viewport_size(size_of(width))

    def picture(self, name: str) -> None:
        """What stands on the page beside the menu, for a guide of docs/fa, where PILGRIM_SCREENSHOTS names its folder."""
        if not PICTURES:
            return
        self.page.set_viewport_size(GUIDE_SIZE)
        sheet = self.page.locator("main").bounding_box()
        assert sheet is not None
        shown: FloatRect = {**sheet, "y": 0, "height": GUIDE_SIZE["height"]}
        path = Path(PICTURES) / f"{name}.webp"
        with Image.open(io.BytesIO(self.page.screenshot(clip=shown))) as shot:
            shot.save(path, quality=80, method=6)
        assert path.stat().st_size < MOST_PICTURE_BYTES

    def violations(self) -> list[str]:
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        return [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in found]

    def overflow(self) -> int:
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
