"""What the database itself does for the index of words: it keeps it, and notes which edits are to be read again.

    a text is written            ─▶ the index has its words
    an edit or what belongs to it changes ─▶ the edit is in SearchPending, and a worker writes its text
    words are taken away         ─▶ its text is deleted as well: nothing is found by them any more

Triggers name no tables but these two: SQLite renames no table while a trigger of another one names it.  Migrations
that copy a table lose its triggers; ``install`` is called after each migration.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from edits.models.search_text import INDEX, vector

TEXTS, PENDING = "edits_searchtext", "edits_searchpending"
COLUMNS = (
    "prompt_folded",
    "source_name",
    "source_is_shared",
    "shared_at",
    "steps",
    "cfg_scale",
    "model",
    "seed",
)
"""Of the edit: what its text is made of and may change."""
TAKEN_AWAY = ("prompt_folded", "source_name", "source_is_shared")


@dataclass(frozen=True)
class Trigger:
    """``when`` something happens to a row, the edit that ``key`` names is to be read again, ``if_`` that is so."""

    name: str
    table: str
    when: str
    key: str
    if_: str = ""
    forgets: bool = False

    @property
    def of_edit(self) -> str:
        """The key of the edit; the row that was deleted still has it."""
        return f"{'OLD' if self.when == 'DELETE' else 'NEW'}.{self.key}"


TRIGGERS = (
    Trigger("edits_search_edit", "edits_editrequest", "INSERT", "id"),
    Trigger("edits_search_change", "edits_editrequest", f"UPDATE OF {', '.join(COLUMNS)}", "id"),
    Trigger(
        "edits_search_taken",
        "edits_editrequest",
        f"UPDATE OF {', '.join(TAKEN_AWAY)}",
        "id",
        if_=" OR ".join(f"OLD.{column} <> NEW.{column}" for column in TAKEN_AWAY),
        forgets=True,
    ),
    Trigger("edits_search_seed", "edits_returnedimage", "INSERT", "edit_id", if_="NEW.seed_used IS NOT NULL"),
    Trigger("edits_search_tag", "edits_tag_edits", "INSERT", "editrequest_id"),
    Trigger("edits_search_untag", "edits_tag_edits", "DELETE", "editrequest_id", forgets=True),
    Trigger("edits_search_comment", "edits_comment", "INSERT", "edit_id"),
    Trigger("edits_search_silence", "edits_comment", "DELETE", "edit_id", forgets=True),
)


def install(connection: BaseDatabaseWrapper) -> bool:
    """Make what is missing; then every edit is to be read again.  Returns whether anything was missing.

    For a million edits it takes about a second, most of it for their list.
    """
    wanted = dict(_sqlite() if connection.vendor == "sqlite" else _postgresql())
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN[connection.vendor], [[*wanted]] if connection.vendor == "postgresql" else [])
        known = {name for (name,) in cursor.fetchall()}
        missing = [sql for name, sql in wanted.items() if name not in known]
        if not missing:
            return False
        with transaction.atomic(using=connection.alias):
            for sql in missing:
                cursor.execute(sql)
            cursor.execute(
                f"INSERT INTO {PENDING} (edit_id) SELECT id FROM edits_editrequest WHERE true ON CONFLICT DO NOTHING"  # noqa: S608
            )
    return True


def uninstall(connection: BaseDatabaseWrapper) -> None:
    """Remove it all, before the tables go."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name, sql in reversed(list(_sqlite())):
                cursor.execute(f"DROP {'TRIGGER' if 'CREATE TRIGGER' in sql else 'TABLE'} IF EXISTS {name}")
        else:
            for row in TRIGGERS:
                cursor.execute(f"DROP FUNCTION IF EXISTS {row.name} CASCADE")


_KNOWN = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type IN ('table', 'trigger')",
    "postgresql": """
        SELECT tgname FROM pg_trigger WHERE tgname = ANY(%s) UNION SELECT relname FROM pg_class WHERE relkind = 'i'
    """,
}


def _sqlite() -> Iterator[tuple[str, str]]:
    tokens = "tokenize=\"ascii tokenchars '_'\""  # our words are divided by spaces already
    yield (
        INDEX,
        f"CREATE VIRTUAL TABLE {INDEX} USING fts5(words, content='{TEXTS}', content_rowid='edit_id',"
        f" columnsize=0, {tokens})",
    )
    add = f"INSERT INTO {INDEX} (rowid, words) VALUES (NEW.edit_id, NEW.words);"  # noqa: S608
    take = f"INSERT INTO {INDEX} ({INDEX}, rowid, words) VALUES ('delete', OLD.edit_id, OLD.words);"  # noqa: S608
    for event, does in {"INSERT": add, "DELETE": take, "UPDATE OF words": take + add}.items():
        name = f"{TEXTS}_{event.split()[0].lower()}"
        yield name, f"CREATE TRIGGER {name} AFTER {event} ON {TEXTS} BEGIN {does} END"
    for row in TRIGGERS:
        if_ = f"WHEN {row.if_.replace('<>', 'IS NOT')} " if row.if_ else ""
        does = f"INSERT OR IGNORE INTO {PENDING} (edit_id) VALUES ({row.of_edit});"  # noqa: S608
        does += f" DELETE FROM {TEXTS} WHERE edit_id = {row.of_edit};" if row.forgets else ""  # noqa: S608
        yield row.name, f"CREATE TRIGGER {row.name} AFTER {row.when} ON {row.table} {if_}BEGIN {does} END"


def _postgresql() -> Iterator[tuple[str, str]]:
    yield INDEX, f"CREATE INDEX {INDEX} ON {TEXTS} USING gin (({vector('words')}))"
    for row in TRIGGERS:
        # The row of an edit that is noted already is locked: a worker that reads it meanwhile has to see this change.
        # It comes first: so who takes away words never waits for a worker's text, nor a worker for theirs.
        does = (
            f"INSERT INTO {PENDING} (edit_id) VALUES ({row.of_edit})"  # noqa: S608
            f" ON CONFLICT (edit_id) DO UPDATE SET edit_id = EXCLUDED.edit_id;"
        )
        does += f" DELETE FROM {TEXTS} WHERE edit_id = {row.of_edit};" if row.forgets else ""  # noqa: S608
        if_ = f"WHEN ({row.if_.replace('<>', 'IS DISTINCT FROM')}) " if row.if_ else ""
        yield (
            row.name,
            f"CREATE OR REPLACE FUNCTION {row.name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {does} RETURN NULL; END $$;"
            f" CREATE TRIGGER {row.name} AFTER {row.when} ON {row.table}"
            f" FOR EACH ROW {if_}EXECUTE FUNCTION {row.name}()",
        )
