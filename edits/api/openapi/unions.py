"""Merges the schemas of a field that several models take, each with its own limits, and describes the differences."""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
BOUNDS = {
    "minimum": min,
    "minLength": min,
    "minItems": min,
    "maximum": max,
    "maxLength": max,
    "maxItems": max,
}


def union(schemas: dict[str, Schema], *, default: str) -> Schema:
    """The values that any of the models takes, with the default of the default model.  ``schemas`` is by model."""
    merged: Schema = dict(next(iter(schemas.values())))
    merged.pop("default", None)
    for schema in schemas.values():
        for bound, furthest in BOUNDS.items():
            if bound in schema:
                merged[bound] = furthest(merged.get(bound, schema[bound]), schema[bound])
        if "enum" in schema:
            merged["enum"] = list(dict.fromkeys([*merged["enum"], *schema["enum"]]))
    if "default" in schemas.get(default, {}):
        merged["default"] = schemas[default]["default"]
    return merged


def by_model(schemas: dict[str, Schema], *, of: int) -> Iterator[str]:
    """Sentences about which of ``of`` models take the field, and with which limits; none if all are alike."""
    kinds: dict[str, list[str]] = {}
    for model, schema in schemas.items():
        kinds.setdefault(_limits(schema), []).append(model)
    if len(kinds) > 1:
        yield (
            "; ".join(f"{', '.join(map(_code, models))}: {limits}" for limits, models in kinds.items()) + "."
        )
    elif len(schemas) < of:
        yield f"Only for {', '.join(map(_code, schemas))}."


def _limits(schema: Schema) -> str:
    default = schema.get("default")
    left_out = f", {default} if left out" if default not in (None, "") else ""
    if "enum" in schema:
        return ", ".join(str(word) for word in schema["enum"] if word != "") + left_out
    if "maximum" in schema:
        return f"{schema['minimum']:,g} to {schema['maximum']:,.12g}{left_out}"
    if "maxItems" in schema:
        return f"at most {schema['maxItems']}"
    return f"at most {schema['maxLength']:,} characters" if "maxLength" in schema else "any"


def _code(model: str) -> str:
    return f"`{model}`"
