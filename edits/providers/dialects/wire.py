"""The data sent for one call: text fields and files, in order."""

from dataclasses import dataclass

from edits.edit_call import Picture


@dataclass(frozen=True)
class Wire:
    """The parts of a multipart body."""

    fields: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, Picture], ...]

    def record(self) -> list[list[str]]:
        """Names and values as stored for the receipt; for files, name, type and size instead of content."""
        texts = [[name, value] for name, value in self.fields]
        files = [
            [name, f"{file.filename} ({file.content_type}, {len(file.data):,} bytes)"]
            for name, file in self.files
        ]
        return texts + files


def number(value: float | None) -> str:
    """A number in plain digits: 6.0 stays "6.0"; "" for None."""
    return "" if value is None else str(value)
