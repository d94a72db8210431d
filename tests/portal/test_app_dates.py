"""The app writes a day as the portal does, in every language and calendar."""

import json
import subprocess
from datetime import date, timedelta
from pathlib import Path

from identity.permissions import Role
from kernel.calendar import Calendar, Reckoning, day_text
from kernel.languages import LANGUAGES
from kernel.moon import COMPUTED, Month, month_name
from tests.portal.test_app import ASSETS, TOOLS
from tests.portal.test_calendars import SignIn

FIRST = date(2026, 3, 1)
MOON = COMPUTED.moved(Month(1448, 6), COMPUTED.start(Month(1448, 6)) + timedelta(days=1))


def months(language: str) -> list[dict[str, object]]:
    told = [Month(1447, 8).later(step) for step in range(24)]
    return [
        {"year": one.year, "month": one.number, "name": month_name(one.number, language), "first_day": MOON.start(one).isoformat()}
        for one in told
    ]


def test_the_app_and_the_portal_write_the_same_days(tmp_path: Path) -> None:
    tool = ASSETS / "node_modules/.bin/esbuild"
    subprocess.run(
        [tool, ASSETS / "src/m/calendar.ts", f"--outdir={tmp_path}", "--format=esm", "--out-extension:.js=.mjs"],
        env=TOOLS,
        check=True,
        capture_output=True,
    )
    days = [FIRST + timedelta(days=11 * step) for step in range(60)]
    asked = [(language, calendar) for language in LANGUAGES for calendar in (None, *Calendar)]
    given = {
        "days": [day.isoformat() for day in days],
        "asked": asked,
        "months": {language: months(language) for language in LANGUAGES},
    }
    (tmp_path / "given.json").write_text(json.dumps(given), encoding="utf-8")
    # Node has no phone around it: what a browser keeps is kept here in a map.
    script = f"""
        import {{ readFileSync }} from "node:fs";
        const kept = new Map();
        Object.assign(globalThis, {{ dispatchEvent: () => true, localStorage: {{
          getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value), removeItem: (name) => kept.delete(name) }} }});
        const app = await import("{tmp_path}/calendar.mjs");
        const given = JSON.parse(readFileSync("{tmp_path}/given.json"));
        console.log(JSON.stringify(given.asked.map(([language, calendar]) => {{
          app.keepCalendar(calendar);
          app.keepMoon(given.months[language]);
          return given.days.map((day) => app.written(day, language));
        }})));
    """
    done = subprocess.run(["node", "--input-type=module", "-e", script], env=TOOLS, check=True, capture_output=True, text=True)
    reached = MOON.start(Month(1447, 8).later(23)) + timedelta(days=30)
    for (language, calendar), written in zip(asked, json.loads(done.stdout), strict=True):
        # Beyond the months that the phone knows a day is the civil one alone.
        own = [None if calendar is Calendar.LUNAR and day >= reached else calendar for day in days]
        assert written == [
            day_text(day, language, Reckoning(one, MOON) if one else None) for day, one in zip(days, own, strict=True)
        ]


def test_a_pilgrim_reads_the_portal_in_the_own_calendar(sign_in: SignIn) -> None:
    client, _ = sign_in(Role.PILGRIM)
    assert "Jumada" not in client.get("/account").text
    assert client.post("/account/calendar", data={"calendar": "lunar"}).status_code == 303
    page = client.get("/prayer-times?lang=ar").text
    assert "تشرين" in page or "كانون" in page
    assert 'value="lunar" aria-current="true"' in client.get("/account").text
    assert client.post("/account/calendar", data={"calendar": "mayan"}).status_code == 422
    assert client.post("/account/calendar", data={"calendar": ""}).status_code == 303
    assert 'value="" aria-current="true"' in client.get("/account").text
