"""What the API needs from services: keys, idempotency, long polling, result links, and edits as JSON."""
