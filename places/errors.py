"""What can be wrong with a place."""

from kernel.errors import BadInput, NotFound


class CityNotFound(NotFound):
    code = "city_not_found"


class PositionOutOfRange(BadInput):
    """Longitude is −180…180 and latitude −90…90, finite."""

    code = "position_out_of_range"


class UnknownMethod(BadInput):
    code = "unknown_prayer_method"


class WrongPrayerMinutes(BadInput):
    """A time of prayer is moved by more than `most` minutes."""

    code = "wrong_prayer_minutes"


class PlaceNotFound(NotFound):
    code = "place_not_found"
