"""What the pages of documentation name is there: files, functions, commands, links, and the table of response codes."""

import re
from pathlib import Path

import pytest

from cardbank.ledger.verify import CHECKS
from cardbank.reasons import Reason
from deploy.commands.__main__ import verbs
from deploy.launcher.cli import VERBS
from pos_gateway.flows import FLOWS
from pos_gateway.replies import RESPONSE_CODES
from pos_gateway.wire.tlv import Tag

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SOURCES = (
    "kernel",
    "identity",
    "places",
    "cardbank",
    "loyalty",
    "merchants",
    "reservations",
    "insights",
    "pos_gateway",
    "mobile_api",
    "portal",
    "nfc",
    "deploy",
)
OF_TWO_WORDS = ("terminal", "card", "keys", "places")
MADE_LATER = ("var/", "deploy/secrets/")  # at run time, or by the administrator

CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMAND = re.compile(r"\./pilgrim ([a-z]+)(?: ([a-z]+))?")
PATH = re.compile(r"(?:[\w.@-]+/)+[\w.@-]*")
TEST_NAME = re.compile(r"`(tests/[\w/]+\.py)`")

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def is_there(name: str, page: Path) -> bool:
    """A path from the root, or on a package's own page (docs/portal.md) from that package."""
    return any((folder / name).exists() for folder in (ROOT, ROOT / page.stem))


@every_page
def test_every_file_that_is_named_exists(page: Path) -> None:
    named = {code for code in CODE.findall(prose(page)) if PATH.fullmatch(code) and not code.startswith(MADE_LATER)}
    assert {name for name in named if not is_there(name, page)} == set()


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    lost = set()
    for link in LINK.findall(prose(page)):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if "://" not in link and (not target.exists() or (anchor and anchor not in anchors(target))):
            lost.add(link)
    assert lost == set()


@every_page
def test_every_command_is_one_of_the_launchers(page: Path) -> None:
    said = COMMAND.findall(page.read_text(encoding="utf-8"))
    known = verbs()
    wrong = {verb for verb, _ in said if verb not in VERBS}
    wrong |= {f"{verb} {act}" for verb, act in said if verb in OF_TWO_WORDS and f"{verb} {act}" not in known}
    assert wrong == set()


def test_every_function_of_the_tour_is_defined_in_the_sources() -> None:
    defined: set[str] = set()
    for package in SOURCES:
        for path in (ROOT / package).rglob("*"):
            if path.suffix in (".py", ".sql") and "node_modules" not in path.parts:
                source = path.read_text(encoding="utf-8")
                defined.update(re.findall(r"(?:def|class|CREATE FUNCTION) (\w+)", source))
    named = {
        part
        for page in (ROOT / "docs/tour.md", ROOT / "docs/security.md")
        for name in re.findall(r"`([\w.]+)\(\)`", prose(page))
        for part in name.split(".")
    }
    assert len(named) > 40
    assert named - defined == set()


def test_the_table_of_response_codes_is_that_of_the_gateway() -> None:
    page = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    section = page.split("### DE39")[1].split("\n### ")[0]
    told = {
        int(number): code
        for code, cell in re.findall(r"^\| (\d\d) \| (.+) \|$", section, re.MULTILINE)
        for number in re.findall(r"(\d{4}) `", cell)
    }
    meant = {int(reason): "30" if 3000 <= reason < 4000 else RESPONSE_CODES[reason] for reason in Reason}
    assert told == meant


def test_what_is_said_to_come_later_is_refused_by_the_table_of_flows() -> None:
    page = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    [row] = [line for line in page.splitlines() if line.startswith("| pre-authorisation")]
    codes = {f"{kind}.{code}" for kind, cell in re.findall(r"(0[12]00) ([\d, ]+)", row) for code in re.findall(r"\d{6}", cell)}
    assert codes == {
        key for key, steps in FLOWS.items() if steps is FLOWS["0800.101"] and key[:2] in ("01", "02") and "*" not in key
    }


def test_the_promises_of_the_page_are_those_that_verify_checks() -> None:
    section = (ROOT / "docs/data.md").read_text(encoding="utf-8").split("verify` proves")[1].split("\n## ")[0]
    assert {int(number) for number in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)} == {number for number, *_ in CHECKS}


def test_every_tag_of_the_page_is_one_of_the_codec() -> None:
    page = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    section = page.split("### DE48 and DE63")[1].split("\n### ")[0]
    told = {int(tag, 16) for tag in re.findall(r"DF[0-9A-F]{2}", section)} - {0xDF3F}
    assert told - {int(tag) for tag in Tag} == set()


def test_every_test_that_proves_a_promise_holds_tests() -> None:
    for name in TEST_NAME.findall((ROOT / "docs/security.md").read_text(encoding="utf-8")):
        assert "def test_" in (ROOT / name).read_text(encoding="utf-8"), name


def test_the_index_of_decisions_names_each_with_its_title() -> None:
    folder = ROOT / "docs/decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    records = sorted(folder.glob("[0-9]*.md"))
    titles = [record.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ") for record in records]
    lines = [f"- [{record.name[:4]}]({record.name}): {title}" for record, title in zip(records, titles, strict=True)]
    assert [line for line in index.splitlines() if line.startswith("- ")] == lines
    numbers = [record.name[:4] for record in records]
    assert len(set(numbers)) == len(numbers)


def test_the_changelog_says_each_thing_once() -> None:
    said = [line for line in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines() if line.startswith("- ")]
    assert sorted(line for line in set(said) if said.count(line) > 1) == []
