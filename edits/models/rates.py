"""Rates: what became of the latest edits of a preset or a model, as counts."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from django.db import models

LEAST_SHOWN = 5
"""Fewer edits say nothing, and would say too much about one person's."""


@dataclass(frozen=True)
class Rates:
    """Of some edits that ended: how many are done, filtered, kept (starred) and repeated (re-run with their seed)."""

    edits: int = 0
    done: int = 0
    filtered: int = 0
    kept: int = 0
    repeated: int = 0

    @classmethod
    def read(cls, stored: Any) -> Self:
        """From a column of ``Counted``."""
        return cls(**stored) if stored else cls()

    def stored(self) -> dict[str, int]:
        """For a column of ``Counted``."""
        return asdict(self)


class Counted(models.Model):
    """What a worker counts now and then; ``services/prompts/rates.py`` says what."""

    rates_json: Any = models.JSONField("rates", null=True, blank=True, editable=False)
    counted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def rates(self) -> Rates | None:
        """The counts; None of too few edits to be shown."""
        rates = Rates.read(self.rates_json)
        return rates if rates.edits >= LEAST_SHOWN else None
