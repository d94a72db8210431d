"""Public holidays of Iran, by the Jalali and by the lunar calendar.

Source: the official calendar of 1405 (25 holidays; the 25th of Shawwal is no longer one).
"""

from datetime import date

from kernel.calendar import jalali
from kernel.moon import COMPUTED, Month, Moon

# (month, day) → why, as language → text.
JALALI_HOLIDAYS = {
    (1, 1): {"fa": "نوروز", "en": "Nowruz"},
    (1, 2): {"fa": "نوروز", "en": "Nowruz"},
    (1, 3): {"fa": "نوروز", "en": "Nowruz"},
    (1, 4): {"fa": "نوروز", "en": "Nowruz"},
    (1, 12): {"fa": "روز جمهوری اسلامی", "en": "Islamic Republic Day"},
    (1, 13): {"fa": "روز طبیعت", "en": "Nature Day"},
    (3, 14): {"fa": "رحلت امام خمینی", "en": "Passing of Imam Khomeini"},
    (3, 15): {"fa": "قیام پانزده خرداد", "en": "15 Khordad uprising"},
    (11, 22): {"fa": "پیروزی انقلاب اسلامی", "en": "Victory of the Revolution"},
    (12, 29): {"fa": "ملی شدن صنعت نفت", "en": "Oil Nationalisation Day"},
    (12, 30): {"fa": "آخرین روز سال کبیسه", "en": "Last day of the leap year"},
}
LUNAR_HOLIDAYS = {
    (1, 9): {"fa": "تاسوعا", "en": "Tasua"},
    (1, 10): {"fa": "عاشورا", "en": "Ashura"},
    (2, 20): {"fa": "اربعین", "en": "Arbaeen"},
    (2, 28): {"fa": "رحلت پیامبر و شهادت امام حسن", "en": "Passing of the Prophet, martyrdom of Imam Hasan"},
    (3, 8): {"fa": "شهادت امام حسن عسکری", "en": "Martyrdom of Imam Hasan al-Askari"},
    (3, 17): {"fa": "ولادت پیامبر و امام صادق", "en": "Birth of the Prophet and Imam al-Sadiq"},
    (6, 3): {"fa": "شهادت حضرت فاطمه", "en": "Martyrdom of Fatima"},
    (7, 13): {"fa": "ولادت امام علی", "en": "Birth of Imam Ali"},
    (7, 27): {"fa": "مبعث", "en": "Mabath"},
    (8, 15): {"fa": "ولادت امام زمان", "en": "Birth of Imam Mahdi"},
    (9, 21): {"fa": "شهادت امام علی", "en": "Martyrdom of Imam Ali"},
    (10, 1): {"fa": "عید فطر", "en": "Eid al-Fitr"},
    (10, 2): {"fa": "عید فطر", "en": "Eid al-Fitr"},
    (12, 10): {"fa": "عید قربان", "en": "Eid al-Adha"},
    (12, 18): {"fa": "عید غدیر", "en": "Eid al-Ghadir"},
}
LAST_OF_SAFAR = {"fa": "شهادت امام رضا", "en": "Martyrdom of Imam Reza"}


def lunar_holiday(day: date, moon: Moon = COMPUTED) -> dict[str, str] | None:
    """The holiday of the lunar year that falls on `day`. Raises OverflowError after 1499."""
    lunar = moon.lunar(day)
    if lunar.month == 2 and lunar.number == moon.length(Month(lunar.year, 2)):
        return LAST_OF_SAFAR
    return LUNAR_HOLIDAYS.get((lunar.month, lunar.number))


def holiday(day: date, moon: Moon = COMPUTED) -> dict[str, str] | None:
    """Why offices are closed on `day`, whatever weekday it is; None where they are not."""
    _, month, number = jalali(day)
    return JALALI_HOLIDAYS.get((month, number)) or lunar_holiday(day, moon)
