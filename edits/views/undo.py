"""Success messages with an Undo button."""

from django.contrib.messages import SUCCESS, get_messages, success
from django.http import HttpRequest

from editor_site.messages import Messages


def success_with_undo(request: HttpRequest, message: str, *, undo: str) -> None:
    """Show ``message`` on the next page; its Undo button posts to the path ``undo``.  Blank: no button."""
    storage = get_messages(request)
    if undo and isinstance(storage, Messages):
        storage.add_with_undo(SUCCESS, message, undo=undo)
    else:
        success(request, message)
