"""The words by which edits are searched, as one text for each edit, and the lookups that ask for them.

``remove the sky _ night _fharbor _fpng _o3 _t _s28``: words of the prompt, a tag, and words with a mark (``Mark``).
An index over them is kept by the database (``search_triggers.py``), and answers alike on SQLite (FTS5) and on
PostgreSQL (tsvector).

A **phrase** is a space, one or several of these words, and at the end a space, or none if it ends in a prefix:
`` red ca`` finds “red cat”.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Lookup

from edits.models.edit_requests import EditRequest

INDEX = "edits_searchindex"
"""SQLite's table of FTS5, PostgreSQL's index."""
IN_A_ROW = 4
"""Words of a phrase that the index is asked for: each costs a look at all edits that have it."""
PARTS = "_"
"""The word between two parts of the text, so that no phrase reaches from one into the next."""


class Mark(StrEnum):
    """What begins a word that is none of the prompt, tags or comments.  Words of texts have no such sign."""

    FILE = "_f"
    FILE_FOR_ALL = "_g"
    """The name of a source that the team may see."""
    OWNER = "_o"
    SHARED = "_t"
    STEPS = "_s"
    CFG_SCALE = "_c"
    MODEL = "_m"
    SEED = "_n"
    UPLOAD = "_u"


def phrase(words: Sequence[str], *, mark: str = "", closed: bool = False) -> str:
    """The phrase of these words; closed, its last word is a whole one."""
    return "".join(f" {mark}{word}" for word in words) + (" " if closed else "")


def number_word(value: float) -> str:
    """A number as one word."""
    return re.sub("[^0-9]", PARTS, f"{value:g}")


class KeyOfEdit(models.OneToOneField):
    """The key of the edit as the row's own, which on SQLite has to be an ``integer`` to be that."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)


class SearchText(models.Model):
    """The words of an edit.  Edits without one are in ``SearchPending``."""

    edit = KeyOfEdit(
        EditRequest,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="search_text",
        db_constraint=False,  # checking it would lock the edit, in another order than those who change it
    )
    words = models.TextField()

    def __str__(self) -> str:
        return self.words[:60]


class SearchPending(models.Model):
    """An edit whose words are not in the index yet, or have changed since.  Triggers write it."""

    edit_id = models.BigAutoField(primary_key=True)

    def __str__(self) -> str:
        return str(self.edit_id)


@SearchText._meta.get_field("words").register_lookup
class Says(Lookup):
    """Whether the text has, for each list of phrases, one of them: asked of the row itself."""

    lookup_name = "says"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """The same on both databases, but for a function's name."""
        column, params = compiler.compile(self.lhs)
        return _says(column, self.rhs, connection), (*params, *_flat(self.rhs))


@SearchText._meta.get_field("words").register_lookup
class Finds(Lookup):
    """The same, asked of the index."""

    lookup_name = "finds"
    prepare_rhs = False

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """By FTS5, whose keys are those of the rows, and by the text itself where a phrase is long."""
        column, params = compiler.compile(self.lhs)
        table = connection.ops.quote_name(self.lhs.alias)
        by_words = f"{table}.edit_id IN (SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH %s)"  # noqa: S608
        return self._checked(by_words, _match(self.rhs), column, params, connection, beyond=IN_A_ROW)

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """By words, and by the text itself where these have to follow each other."""
        column, params = compiler.compile(self.lhs)
        by_words = f"{vector(column)} @@ %s::tsquery"
        return self._checked(by_words, _tsquery(self.rhs), column, params, connection, beyond=1)

    def _checked(
        self, by_words: str, asked: str, column: str, params: Any, connection: Any, *, beyond: int
    ) -> tuple[str, tuple[Any, ...]]:
        """With a look at the text for phrases of more words."""
        rows = [phrases for phrases in self.rhs if any(len(text.split()) > beyond for text in phrases)]
        given = () if connection.vendor == "sqlite" else params
        if not rows:
            return by_words, (*given, asked)
        return f"({by_words} AND {_says(column, rows, connection)})", (*given, asked, *_flat(rows))


def vector(column: str) -> str:
    """PostgreSQL's form of the text, as its index has it.  ``to_tsvector`` would drop emoji."""
    return f"array_to_tsvector(string_to_array({column}, ' '))"


def _says(column: str, asked: Sequence[Sequence[str]], connection: BaseDatabaseWrapper) -> str:
    place = "strpos" if connection.vendor == "postgresql" else "instr"
    one = f"{place}(' ' || {column} || ' ', %s) > 0"
    return " AND ".join(f"({' OR '.join([one] * len(phrases))})" for phrases in asked)


def _flat(asked: Sequence[Sequence[str]]) -> list[str]:
    return [text for phrases in asked for text in phrases]


def _match(asked: Sequence[Sequence[str]]) -> str:
    """An expression of FTS5.  No word has a quotation mark."""
    return " AND ".join(_in_brackets(" OR ".join(map(_in_a_row, phrases))) for phrases in asked)


def _in_a_row(text: str) -> str:
    words = text.split()
    return f'"{" ".join(words[:IN_A_ROW])}"' + ("*" if _goes_on(text) else "")


def _tsquery(asked: Sequence[Sequence[str]]) -> str:
    return " & ".join(_in_brackets(" | ".join(map(_all_words, phrases))) for phrases in asked)


def _all_words(text: str) -> str:
    words = [f"'{word}'" for word in text.split()[:IN_A_ROW]]
    return _in_brackets(" & ".join(words) + (":*" if _goes_on(text) else ""))


def _goes_on(text: str) -> bool:
    """Whether the last word that the index is asked for is a prefix."""
    return not text.endswith(" ") and len(text.split()) <= IN_A_ROW


def _in_brackets(sql: str) -> str:
    return f"({sql})"
