"""What can be wrong with what the directory is asked or told. Every BadInput carries `field`."""

from kernel.errors import BadInput, DomainError, NotFound


class UnknownKind(BadInput):
    code = "unknown_place_kind"


class NameMissing(BadInput):
    code = "place_name_missing"


class OutsideTheCity(BadInput):
    """The position is more than `most_km` from the middle of the city."""

    code = "outside_the_city"


class NothingSuggested(BadInput):
    code = "nothing_suggested"


class SuggestionNotFound(NotFound):
    code = "suggestion_not_found"


class AlreadyAnswered(DomainError):
    code = "suggestion_answered"


class UnreadableFile(BadInput):
    """Not GeoJSON: neither a FeatureCollection nor what Overpass answers."""

    code = "unreadable_places"


class SourceMissing(BadInput):
    code = "place_source_missing"


class TooManySuggestions(BadInput):
    """A person has `most` suggestions that nobody has answered yet."""

    code = "too_many_suggestions"
