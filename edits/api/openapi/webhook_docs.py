"""The events that Retake posts to webhooks."""

from typing import Any

from edits.services.webhooks.events import FINISHED, TEST

SIGNED = {
    "webhook-id": "The event's id: the same for each try.",
    "webhook-timestamp": "When it was sent, in seconds since 1970.",
    "webhook-signature": "`v1,` and the HMAC-SHA256 of id, timestamp and body in Base64, by the webhook's secret.",
}
"""Headers of each event."""


def webhooks() -> dict[str, Any]:
    """All events by type."""
    return {
        FINISHED: {"post": _post("editFinished", "An edit has ended", "Sent when an edit ends.")},
        TEST: {
            "post": _post("webhookTest", "A test", "Sent from the webhook's page on demand, without an edit.")
        },
    }


def _post(name: str, summary: str, says: str) -> dict[str, Any]:
    event = {"schema": {"$ref": "#/components/schemas/Event"}}
    return {
        "operationId": name,
        "summary": summary,
        "description": f"{says} What is not taken is posted again with growing pauses.",
        "security": [],
        "parameters": [
            {
                "name": header,
                "in": "header",
                "required": True,
                "description": means,
                "schema": {"type": "string"},
            }
            for header, means in SIGNED.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": event}},
        "responses": {"2XX": {"description": "Taken."}},
    }
