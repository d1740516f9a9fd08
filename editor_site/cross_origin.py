"""What pages of the sites in API_ALLOWED_ORIGINS may send to the API and read from its responses.

Their calls need a key like all others; cookies never count.
"""

PATHS = r"^/v1/"
METHODS = ("GET", "POST")
SENT = (
    "accept",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-none-match",
    "prefer",
    "x-request-id",
    # Headers of OpenAI's client.
    "openai-organization",
    "openai-project",
    *(f"x-stainless-{name}" for name in ("arch", "async", "helper-method", "lang", "os", "package-version")),
    *(f"x-stainless-{name}" for name in ("retry-count", "runtime", "runtime-version", "timeout")),
)
READ = ("ETag", "Location", "Retry-After", "X-Edit-Id", "X-Fitted", "X-Request-Id", "X-Should-Retry")
