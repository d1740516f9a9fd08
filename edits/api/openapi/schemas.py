"""The schemas of the API's responses, with the choices of the models."""

from typing import Any

from edits.api.model_list import CAPABILITIES
from edits.api.responses import CENSORSHIP, FAILED
from edits.edit_call import EXTRAS
from edits.forms.api_form import RESPONSE_FORMATS
from edits.model_specs import MAX_SEED
from edits.models import FinishReason, MergeKind, MergeRefusal, MergeState, Reason, Status
from edits.models.returned_images import Verdict
from edits.services.api.idempotency import MOST_EDITS
from edits.services.webhooks.events import FINISHED, TEST

Schema = dict[str, Any]
ID: Schema = {"type": "string", "format": "uuid"}
URL: Schema = {"type": "string", "format": "uri"}
TIME: Schema = {"type": "integer", "description": "Seconds since 1970."}
SIDE: Schema = {"type": "integer", "minimum": 1, "description": "Pixels."}
COUNT: Schema = {"type": "integer", "minimum": 0}
SEED: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_SEED}
DOLLARS: Schema = {"type": "string", "pattern": r"^[0-9]+\.[0-9]+$"}


def thing(properties: dict[str, Schema], *, optional: tuple[str, ...] = ()) -> Schema:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "required": [name for name in properties if name not in optional],
        "properties": properties,
        "additionalProperties": False,
    }


def maybe(schema: Schema) -> Schema:
    """The same, or null."""
    if isinstance(schema.get("type"), str):
        return schema | {"type": [schema["type"], "null"]} | _with_null(schema)
    return {"anyOf": [schema, {"type": "null"}]}


def _with_null(schema: Schema) -> Schema:
    return {"enum": [*schema["enum"], None]} if "enum" in schema else {}


def listing(of: str, **more: Schema) -> Schema:
    """A list of such objects."""
    data = {"type": "array", "items": {"$ref": f"#/components/schemas/{of}"}}
    return thing({"object": {"const": "list"}, "data": data, **more})


def words(values: list[str], says: str = "") -> Schema:
    """One of these strings."""
    return {"type": "string", "enum": values} | ({"description": says} if says else {})


def schemas() -> dict[str, Schema]:
    """All schemas by name."""
    return {
        "Error": _error(),
        "Edit": _edit(),
        "EditList": listing("Edit", first_id=maybe(ID), last_id=maybe(ID), has_more={"type": "boolean"}),
        "Images": _images(),
        "Model": _model(),
        "ModelList": listing("Model"),
        "Event": _event(),
    }


def _error() -> Schema:
    return thing(
        {
            "message": {"type": "string", "description": "A sentence for people."},
            "type": words(["invalid_request_error", "server_error", CENSORSHIP]),
            "param": {"type": ["string", "null"], "description": "The field that is to blame."},
            "code": {"type": "string", "description": "A word for programs."},
        }
    )


def _images() -> Schema:
    """The response that clients of image APIs expect: for each edit its picture, or why there is none."""
    reasons = words(
        [*FinishReason.values, FAILED],
        "There is a picture only where it is `success`. `failed` is only in answers for several edits.",
    )
    by_format = {"url": URL, "b64_json": {"type": "string", "contentEncoding": "base64"}}
    seed = maybe(SEED) | {
        "description": "The seed used: sent again, it gives the same picture. Null where the model takes none."
    }
    error = {"$ref": "#/components/schemas/Error", "description": "Why it failed."}
    one = thing(
        {"seed": seed, "finish_reason": reasons, "error": error}
        | {name: by_format[name] for name in RESPONSE_FORMATS},
        optional=("error", *RESPONSE_FORMATS),
    )
    data = {"type": "array", "items": one, "minItems": 1, "maxItems": MOST_EDITS}
    return thing({"id": ID, "created": TIME, "data": data, "edits": _ids()}, optional=("edits",))


def _ids() -> Schema:
    says = "The ids of all edits of the call, in their order."
    return {"type": "array", "items": ID, "minItems": 1, "maxItems": MOST_EDITS, "description": says}


def _edit() -> Schema:
    ended = {"type": "string", "enum": FinishReason.values, "description": "How the provider says it ended."}
    return thing(
        {
            "id": ID,
            "object": {"const": "edit"},
            "status": words(Status.values),
            "created": TIME,
            "started": maybe(TIME),
            "finished": maybe(TIME),
            "owner": {"type": "string", "description": "The username of its author."},
            **_asked_for(),
            "source": maybe(_source()) | {"description": "The picture as it is sent, where you may see it."},
            "references": maybe(_references())
            | {"description": "Its further pictures, where you may see them."},
            "source_edit": maybe(ID) | {"description": "The edit whose result was edited further."},
            "rerun_of": maybe(ID) | {"description": "The edit that this one repeats."},
            "batch": maybe(ID) | {"description": "The batch that it belongs to; of your own edits only."},
            "attempts": maybe(COUNT) | {"description": "Calls to the provider; of your own edits only."},
            "cost": maybe(DOLLARS)
            | {
                "description": "In US dollars, of all calls that were or may have been charged, by "
                "the price of the model; of your own edits only."
            },
            "shared": {"type": "boolean", "description": "The team may see it."},
            "trashed": {"type": "boolean"},
            "finish_reason": maybe(ended),
            "result": maybe(_result()) | {"description": "The picture, once it has succeeded."},
            "merged": maybe(_merged())
            | {"description": "What the model changed, in the picture at its full size."},
            "error": maybe(_failure()) | {"description": "Why it failed."},
            "page": URL | {"description": "Where people look at it, signed in."},
            "queue": maybe(_place()) | {"description": "Its place in line; null once it has ended."},
            "edits": _ids(),
        },
        optional=("queue", "edits"),
    )


def _place() -> Schema:
    waits = {"description": "Seconds until it is sent; null where nothing is known yet."}
    position = COUNT | {"description": "1 is next, 0 is with the provider."}
    return thing({"position": position, "wait_seconds": maybe(COUNT) | waits})


def _asked_for() -> dict[str, Schema]:
    return {
        "model": {"type": "string", "description": "The id by which its provider knows it."},
        "provider": {"type": "string", "description": "The id is unique as `provider/model`."},
        "prompt": {"type": "string"},
        "seed": maybe(SEED)
        | {"description": "The seed that makes this picture again; null: the model takes none."},
        "seed_sent": maybe(SEED) | {"description": "The seed that was asked for."},
        "seed_is_drawn": {"type": "boolean", "description": "It was left open."},
        "steps": maybe({"type": "integer"}) | {"description": "Null where the model takes none."},
        "cfg_scale": maybe({"type": "number"}) | {"description": "Null where the model takes none."},
        "size": {"type": "string", "description": "Empty for a model that answers in the size of its input."},
        **{
            name: maybe({"type": "string"}) | {"description": "Null where it was left open."}
            for name in EXTRAS
        },
    }


def _picture() -> dict[str, Schema]:
    return {
        "width": SIDE,
        "height": SIDE,
        "format": words(["jpeg", "png", "webp"]),
        "bytes": {"type": "integer", "minimum": 1},
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    }


def _source() -> Schema:
    before = {"description": "Before it was made to fit."}
    original = {"original_width": SIDE | before, "original_height": SIDE | before}
    return thing({"name": {"type": "string"}} | _picture() | original)


def _references() -> Schema:
    unknown = {"description": "Not stored."}
    sides = {"original_width": maybe(SIDE) | unknown, "original_height": maybe(SIDE) | unknown}
    return {"type": "array", "items": thing({"name": {"type": "string"}} | _picture() | sides)}


def _result() -> Schema:
    share = {"type": "number", "minimum": 0, "maximum": 1}
    return thing(
        {"url": URL | {"description": "Loads without a key for a while."}}
        | _picture()
        | {
            "seed": {"type": ["integer", "null"], "description": "The seed that the provider says it used."},
            "receipt": maybe(words(Verdict.values)) | {"description": "What a re-run proved."},
            "similarity": maybe(share) | {"description": "To the edit that it repeats."},
        }
    )


def _merged() -> Schema:
    return thing(
        {
            "state": words(
                MergeState.values, "`waiting` until a worker has made it, seconds after the result."
            ),
            "kind": words(MergeKind.values),
            "refusal": maybe(words(MergeRefusal.values)) | {"description": "Why it cannot be made."},
            "url": maybe(URL) | {"description": "A PNG; loads without a key for a while."},
            "width": maybe(SIDE),
            "height": maybe(SIDE),
            "bytes": maybe(COUNT),
            "sha256": maybe({"type": "string"}),
        }
    )


def _failure() -> Schema:
    return thing({"code": words(Reason.values), "message": {"type": "string"}})


def _model() -> Schema:
    return thing(
        {
            "id": {"type": "string"},
            "object": {"const": "model"},
            "created": TIME,
            "owned_by": {"type": "string"},
            "provider": {"type": "string", "description": "`provider/model` always names it."},
            "default": {"type": "boolean", "description": "It is used where `model` is left out."},
            "price": maybe(DOLLARS)
            | {"description": "Of one edit, in US dollars; null where it is not known."},
            "capabilities": {"type": "array", "items": words(list(CAPABILITIES))},
            "limits": {
                "type": "object",
                "description": "What it takes, and what is used where a field is left out; null or empty for what it "
                "does not take.",
            },
        }
    )


def _event() -> Schema:
    edit = thing({"edit": {"$ref": "#/components/schemas/Edit"}}, optional=("edit",))
    return thing(
        {
            "id": ID | {"description": "The same for each try of a delivery."},
            "type": words([FINISHED, TEST]),
            "created": TIME,
            "data": edit | {"description": "The edit; empty in a test."},
        }
    )
