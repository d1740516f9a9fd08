"""Names the authors of review cases that an earlier version opened, for a migration and for maintenance."""

from django.db.models import Model, OuterRef, Subquery

PIECE = 2_000


def name_authors(cases: type[Model], edits: type[Model]) -> bool:
    """Name the authors of the next cases; False if all have one.  Only reads then, and by an index of such cases."""
    without = list(cases._default_manager.filter(author__isnull=True).values_list("pk", flat=True)[:PIECE])
    if without:
        owner = edits._default_manager.filter(pk=OuterRef("edit")).order_by().values("owner")
        cases._default_manager.filter(pk__in=without).update(author=Subquery(owner))
    return bool(without)
