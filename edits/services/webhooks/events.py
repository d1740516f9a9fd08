"""The payload of webhooks: an event with the edit as the API describes it.

It is built when the event is sent, so that a picture withheld meanwhile is not included.
"""

import json
from datetime import datetime

from edits.models import WebhookDelivery
from edits.services.api.serializers import describe
from edits.services.webhooks.posting import Message
from edits.services.webhooks.signing import signed_headers

FINISHED = "edit.finished"
TEST = "webhook.test"


def message_of(delivery: WebhookDelivery, *, now: datetime) -> Message:
    """The signed message.  Load the delivery with its ``webhook``, and its ``edit`` ``with_descriptions``."""
    edit = delivery.edit
    message_id = str(delivery.public_id)
    event = {
        "id": message_id,
        "type": FINISHED if edit else TEST,
        "created": int(delivery.created_at.timestamp()),
        "data": {"edit": describe(edit)} if edit else {},
    }
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    hook = delivery.webhook
    headers = signed_headers(body, secret=hook.secret, message_id=message_id, now=now)
    return Message(hook.url, headers, body)
