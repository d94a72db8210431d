"""What follows from complaints."""

from sqlalchemy.orm import Session

from kernel.outbox import Handler
from kernel.settings import load_settings
from merchants.complaints.events import PicturesForgotten
from merchants.onboarding.adapters.folder import FolderStore


def on_pictures_forgotten(session: Session, event: PicturesForgotten) -> None:
    """The files go after the rows, so that no row ever names a file that is missing."""
    store = FolderStore(load_settings().documents_folder)
    for name in event.names:
        store.drop(name)


HANDLERS: tuple[tuple[type, Handler], ...] = ((PicturesForgotten, on_pictures_forgotten),)
