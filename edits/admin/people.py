"""People, their budgets, invitations and the audit log in the admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from edits.admin.readonly import ReadOnlyAdmin
from edits.admin.site import site
from edits.models import AuditEntry, Budget, Invitation, SpentDay, User
from edits.services.team import people


class PersonForm(forms.ModelForm):
    """Role and access of a person; rejects a change that would leave the team without an administrator."""

    class Meta:
        model = User
        fields = ("role", "is_active")
        help_texts = {
            "is_active": "Settings > People says first what this ends, and can put canceled edits back in the queue."
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        stays = data.get("is_active") and data.get("role") == self.initial.get("role")
        if not stays and people.is_last_administrator(self.instance):
            raise forms.ValidationError(
                "This is the only administrator. Make somebody else administrator first."
            )
        return data


@admin.register(User, site=site)
class PersonAdmin(ReadOnlyAdmin):
    """People.  Role and access can be changed, through the services; passwords cannot."""

    form = PersonForm
    list_display = ("username", "name", "email", "role", "is_active", "date_joined", "last_login")
    list_filter = ("role", "is_active", "date_joined")
    search_fields = ("username_folded", "first_name_folded", "last_name_folded", "email")
    fields = (
        "username", "first_name", "last_name", "email", "role", "is_active", "is_founder",
        "shortcuts", "time_zone", "edits_per_day", "edits_per_month", "date_joined", "last_login",
    )  # fmt: skip
    readonly_fields = tuple(field for field in fields if field not in ("role", "is_active"))

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.has_view_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save through the services, which end sessions, keep a role's columns consistent and write the audit log."""
        assert isinstance(request.user, User)
        person = User.objects.get(pk=obj.pk)
        done = True
        if "role" in form.changed_data:
            done = people.set_role(user=person, role=obj.role, by=request.user, now=timezone.now())
        if "is_active" in form.changed_data and obj.is_active:
            people.reactivate(user=person, by=request.user, now=timezone.now())
        elif "is_active" in form.changed_data:
            done = people.deactivate(user=person, by=request.user, now=timezone.now()) and done
        if not done:
            messages.error(request, "Refused: the team would have no administrator.")


@admin.register(Budget, site=site)
class BudgetAdmin(ReadOnlyAdmin):
    """The current limits; they are set on the settings page."""

    list_display = (
        "__str__", "person_per_day", "person_per_month", "team_per_day", "team_per_month", "person_waiting",
        "budget_exhausted_until", "cost_budget_exhausted_until",
    )  # fmt: skip


@admin.register(SpentDay, site=site)
class SpentDayAdmin(ReadOnlyAdmin):
    """What permanently deleted edits still count towards budgets."""

    list_display = ("owner", "day", "edits", "calls")
    list_filter = ("day",)
    list_select_related = ("owner",)
    search_fields = ("owner__username_folded",)


@admin.register(Invitation, site=site)
class InvitationAdmin(ReadOnlyAdmin):
    """Invitations, without their tokens."""

    list_display = ("__str__", "role", "created_by", "created_at", "expires_at", "used_by", "revoked_at")
    list_filter = ("role", "created_at")
    list_select_related = ("created_by", "used_by")
    search_fields = ("note", "created_by__username_folded", "used_by__username_folded")
    exclude = ("token_hash",)


@admin.register(AuditEntry, site=site)
class AuditEntryAdmin(ReadOnlyAdmin):
    """What privileged people did or viewed."""

    list_display = ("at", "actor", "action", "subject", "detail")
    list_filter = ("action", "at")
    list_select_related = ("actor",)
    search_fields = ("actor__username_folded", "action", "subject", "detail")
