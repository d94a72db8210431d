"""What of a photo or a paper is kept as evidence: the pixels, and not where, when and with which camera they were taken."""

from merchants.onboarding.errors import PaperOfUnknownType
from merchants.onboarding.rules import media_type_of
from places.keeping.errors import UnreadablePhoto
from places.keeping.pictures import picture_of


def fit_to_keep(content: bytes) -> tuple[bytes, str]:
    """(content, media type). A photo is written anew, upright; a PDF stays as it is.

    Raises PaperIsEmpty, PaperTooLarge, PaperOfUnknownType.
    """
    media_type = media_type_of(content)
    if media_type == "application/pdf":
        return content, media_type
    try:
        return picture_of(content).large, "image/jpeg"
    except UnreadablePhoto:
        raise PaperOfUnknownType(field="paper") from None
