"""A column that holds a ``Fault``; it also reads the letters that workers of the previous version store."""

from typing import Any

from django.db import models

from edits.fault_words import CHOICES
from edits.faults import Fault


class FaultField(models.CharField):
    """The name of a fault, or blank.  Filter by ``Fault.spellings`` to find old and new rows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        usual: dict[str, Any] = {"max_length": 16, "choices": CHOICES, "blank": True}
        super().__init__(*args, **(usual | kwargs))

    def deconstruct(self) -> Any:
        """Migrations see a plain CharField, so that they can read the stored letters."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        try:
            return Fault(value or "")
        except ValueError:
            return value
