"""A client of the misbehaving provider with little patience, and a call as Alice would make it."""

from dataclasses import replace
from typing import Any

from edits.edit_call import EditCall, EditOptions, Picture
from edits.providers import Answer, Client
from tests.provider_calls import Provider
from tests.provider_pictures import tagged

PICTURE = tagged("Alice's cat")
PROMPT = "Turn the cat into a British Shorthair."
KEY = "sk-test-4711-secret"


def no_names(host: str, port: int) -> list[str]:
    """A resolver that knows no name, so that nothing leaves this machine."""
    raise OSError(f"no such name: {host}:{port}")


def client_of(there: Provider, **changes: Any) -> Client:
    """A client that gives up within a second or two."""
    client = Client(
        base_url=there.base_url,
        api_key=KEY,
        timeout_seconds=5.0,
        connect_seconds=2.0,
        download_seconds=2.0,
        download_read_seconds=0.3,
        download_pause_seconds=0.001,
        resolve=no_names,
    )
    return replace(client, **changes)


def ask(client: Client, **changes: Any) -> Answer:
    """Alice's edit."""
    return client.edit(call_of(**changes))


def call_of(
    *,
    model: str = "step-1x-edit",
    image: bytes = PICTURE,
    filename: str = "cat.png",
    references: tuple[Picture, ...] = (),
    mask: Picture | None = None,
    **options: Any,
) -> EditCall:
    """What Alice asks for."""
    usual: dict[str, Any] = {
        "prompt": PROMPT,
        "seed": 123838,
        "steps": 28,
        "cfg_scale": 6.0,
        "size": "512x512",
    }
    picture = Picture(image, filename, "image/png")
    return EditCall(model, EditOptions(**(usual | options)), (picture, *references), mask)
