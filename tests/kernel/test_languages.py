import pytest

from kernel.languages import in_language


@pytest.mark.parametrize(
    ("texts", "language", "text"),
    [
        ({"fa": "حرم", "en": "Shrine"}, "en", "Shrine"),
        ({"fa": "حرم", "en": "Shrine"}, "ur", "حرم"),
        ({"en": "Shrine", "ar": "العتبة"}, "ur", "Shrine"),
        ({"ar": "العتبة"}, "en", "العتبة"),
        ({"en": "", "fa": "حرم"}, "en", "حرم"),
        ({}, "fa", ""),
    ],
)
def test_a_text_is_read_in_the_nearest_language_there_is(texts: dict[str, str], language: str, text: str) -> None:
    assert in_language(texts, language) == text
