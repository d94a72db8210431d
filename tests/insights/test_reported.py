import csv

import pytest

from insights import reported
from insights.reported import FILE, MODES, latest_by_mode, reported_counts


@pytest.fixture
def row() -> dict[str, str]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return next(csv.DictReader(file))


def test_every_row_names_its_source_and_the_latest_period_comes_first() -> None:
    counts = reported_counts()
    assert len(counts) == 17
    assert all(count.source.startswith("http") for count in counts)
    ends = [count.end for count in counts if count.end]
    assert ends == sorted(ends, reverse=True)


def test_the_count_by_mode_adds_up_to_the_person() -> None:
    latest = latest_by_mode("Mashhad")
    assert latest.id == "mhd-safar-1404-f"
    assert sum(latest.modes.values()) == latest.total == 6_535_800
    assert set(latest.modes) == set(MODES)


def test_a_doubtful_cell_is_empty_and_has_a_note() -> None:
    doubtful = next(count for count in reported_counts() if count.id == "mhd-safar-1404-c")
    assert "air" not in doubtful.modes
    assert "contradicts" in doubtful.note
    assert not doubtful.modes_agree


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"end": "2025-08-01"}, "ends before it begins"),
        ({"occupancy_city_pct": "101"}, "occupancy"),
        ({"air": "99999999"}, "above its total"),
        ({"source": ""}, "no source"),
        ({"total": "many"}, "invalid literal"),
    ],
)
def test_a_row_that_cannot_be_right_is_refused(row: dict[str, str], change: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        reported._read(row | change)


def test_the_file_stands_in_its_sources_table() -> None:
    assert FILE.name in (FILE.parent / "SOURCES.md").read_text(encoding="utf-8")
