"""What can be wrong with what is kept by hand. Every BadInput carries `field`."""

from kernel.errors import BadInput, NotFound


class UnreadablePhoto(BadInput):
    """No JPEG, PNG or WebP, or larger than `most_mb`."""

    code = "unreadable_photo"


class TooManyPhotos(BadInput):
    """A place has `most` photos at most."""

    code = "too_many_photos"


class PhotoNotFound(NotFound):
    code = "photo_not_found"


class UnknownLevel(BadInput):
    code = "unknown_crowd_level"


class WrongWay(BadInput):
    """A way leads to another part of the same whole, is `most_m` long at most, and is drawn once."""

    code = "wrong_way"


class WayNotFound(NotFound):
    code = "way_not_found"
