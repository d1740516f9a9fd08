from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Fields with standard names.  Their columns keep theirs, so that the version before runs beside this one."""

    dependencies = [
        ("edits", "0018_fault_names"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField("budget", "told_until", "notified_until"),
                migrations.RenameField("budget", "spent_until", "budget_exhausted_until"),
                migrations.RenameField("budget", "cost_spent_until", "cost_budget_exhausted_until"),
                migrations.AlterField(
                    "budget",
                    "notified_until",
                    models.DateTimeField(
                        null=True,
                        blank=True,
                        db_column="told_until",
                        help_text="Administrators were notified of a budget that is used up until then.",
                    ),
                ),
                migrations.AlterField(
                    "budget",
                    "budget_exhausted_until",
                    models.DateTimeField(
                        null=True,
                        blank=True,
                        db_column="spent_until",
                        help_text="The team's calls are used up until then.",
                    ),
                ),
                migrations.AlterField(
                    "budget",
                    "cost_budget_exhausted_until",
                    models.DateTimeField(
                        null=True,
                        blank=True,
                        db_column="cost_spent_until",
                        help_text="The team's money is used up until then.",
                    ),
                ),
                migrations.RemoveIndex("reviewcase", "review_to_tell"),
                migrations.RenameField("reviewcase", "author_told_at", "author_notified_at"),
                migrations.AlterField(
                    "reviewcase",
                    "author_notified_at",
                    models.DateTimeField(
                        null=True,
                        blank=True,
                        db_column="author_told_at",
                        help_text="When the author saw the decision or question.",
                    ),
                ),
                migrations.AddIndex(
                    "reviewcase",
                    models.Index(
                        name="review_to_tell", fields=["edit"], condition=Q(author_notified_at__isnull=True)
                    ),
                ),
            ],
        ),
    ]
