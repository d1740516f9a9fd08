"""Reads the document for the reference page: calls with their fields and responses, and object properties."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]
ALWAYS = "X-Request-Id"
"""A header of every response, which the page mentions only once."""
CODE = re.compile(r"^- `(?P<code>\w+)`: (?P<says>.*)$")
ORDER = ("path", "query", "body", "header")
NAMES = {
    "string": "text",
    "uuid": "id",
    "uri": "address",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
}


@dataclass(frozen=True)
class Field:
    """A field that is sent or returned.  ``limits`` describes its type and bounds."""

    name: str
    where: str
    says: str
    limits: str
    is_needed: bool
    default: str
    choices: tuple[str, ...]
    is_file: bool
    is_many: bool
    """Several files."""
    is_long: bool

    @property
    def limits_say_more(self) -> bool:
        """Whether ``limits`` says more than the form control does."""
        return not self.choices and not self.is_file and self.limits not in ("text", "id")


@dataclass(frozen=True)
class ResponseEntry:
    """The response with one status: a sentence, or codes with their meanings."""

    status: str
    says: str
    codes: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    schema: str

    @property
    def is_good(self) -> bool:
        """Whether the call succeeded."""
        return self.status.startswith("2")


@dataclass(frozen=True)
class CallEntry:
    """One call."""

    id: str
    method: str
    path: str
    summary: str
    says: str
    fields: tuple[Field, ...]
    answers: tuple[ResponseEntry, ...]


def calls(document: Document) -> list[CallEntry]:
    """All calls in the document's order."""
    return [
        CallEntry(
            id=operation["operationId"],
            method=method.upper(),
            path=path,
            summary=operation["summary"],
            says=operation["description"],
            fields=tuple(_fields(operation, document=document)),
            answers=tuple(
                _answer(status, answer, document=document)
                for status, answer in sorted(operation["responses"].items())
            ),
        )
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def shapes(document: Document) -> list[tuple[str, list[Field]]]:
    """The properties of each kind of object, by name."""
    named = document["components"]["schemas"].items()
    return [(name, list(_parts(schema, document=document))) for name, schema in named]


def _fields(operation: dict[str, Any], *, document: Document) -> list[Field]:
    """The fields of a call, path parameters first, headers last."""
    found = [*_parameters(operation, document=document), *_body(operation)]
    return sorted(found, key=lambda field: ORDER.index(field.where))


def _parameters(operation: dict[str, Any], *, document: Document) -> Iterator[Field]:
    for given in operation["parameters"]:
        parameter = _resolved(given, document=document)
        yield _field(parameter["name"], parameter["schema"], where=parameter["in"],
                     says=parameter["description"], is_needed=parameter["required"])  # fmt: skip


def _body(operation: dict[str, Any]) -> Iterator[Field]:
    """The fields of the form, which may also be sent in other formats."""
    form = operation.get("requestBody", {}).get("content", {}).get("multipart/form-data")
    if form:
        needed = form["schema"].get("required", ())
        for name, schema in form["schema"]["properties"].items():
            yield _field(name, schema, where="body", is_needed=name in needed)


def _parts(schema: dict[str, Any], *, document: Document, lead: str = "") -> Iterator[Field]:
    """The properties of an object; those of nested objects with their full names, such as ``result.url``."""
    for name, part in schema["properties"].items():
        yield _field(lead + name, part, where="answer", is_needed=False)
        inner = part.get("items", part)
        if "properties" in inner:
            many = "[]." if "items" in part else "."
            yield from _parts(inner, document=document, lead=f"{lead}{name}{many}")


def _field(
    name: str, schema: dict[str, Any], *, where: str, is_needed: bool, says: str | None = None
) -> Field:
    default = schema.get("default")
    choices = (True, False) if schema.get("type") == "boolean" else schema.get("enum", ())
    is_many = schema.get("items", {}).get("format") == "binary"
    is_file = is_many or schema.get("format") == "binary"
    return Field(
        name=name,
        where=where,
        says=schema.get("description", "") if says is None else says,
        limits=("files" if is_many else "a file") if is_file else _limits(schema),
        is_needed=is_needed,
        default="" if default is None else _plain(default),
        choices=tuple(_plain(choice) for choice in choices),
        is_file=is_file,
        is_many=is_many,
        is_long=schema.get("maxLength", 0) > 255,
    )


def _limits(schema: dict[str, Any]) -> str:
    """Type and bounds: "whole number, 1 to 100"."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if "const" in schema:
        return f"“{schema['const']}”"
    kinds = schema.get("type", "")
    names = [kinds] if isinstance(kinds, str) else kinds
    if "array" in names:
        return f"list of {_limits(schema['items'])}"
    if "anyOf" in schema:
        return " or ".join(_limits(one) for one in schema["anyOf"])
    if "enum" in schema:
        words = ", ".join(_plain(value) for value in schema["enum"] if value is not None)
    else:
        form = schema.get("format")
        words = " or ".join(NAMES.get(form or name, name) for name in names if name != "null")
    if "minimum" in schema and "maximum" in schema:
        words += f", {_figure(schema['minimum'])} to {_figure(schema['maximum'])}"
    if "maxLength" in schema:
        words += f", at most {schema['maxLength']:,} characters"
    return f"{words} or null" if "null" in names else words


def _figure(number: float) -> str:
    return f"{number:,g}" if isinstance(number, float) else f"{number:,}"


def _plain(value: Any) -> str:
    """The value as it is written in JSON and forms."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _answer(status: str, given: dict[str, Any], *, document: Document) -> ResponseEntry:
    lines = given["description"].splitlines()
    codes = tuple((found["code"], found["says"]) for line in lines if (found := CODE.match(line)))
    headers = given.get("headers", {}).items()
    contents: list[dict[str, Any]] = list(given.get("content", {}).values())
    schema = contents[0]["schema"] if contents else {}
    return ResponseEntry(
        status=status,
        says="" if codes else given["description"],
        codes=codes,
        headers=tuple(
            (name, _resolved(header, document=document)["description"])
            for name, header in headers
            if name != ALWAYS
        ),
        schema="" if codes else _limits(schema),
    )


def _resolved(part: dict[str, Any], *, document: Document) -> dict[str, Any]:
    """The target of a reference; anything else unchanged."""
    found: Any = document
    if "$ref" not in part:
        return part
    for step in part["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)
