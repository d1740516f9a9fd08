"""People, their budgets, invitations and the audit log in the admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest

from edits.admin.sites import site
from edits.admin.windows import Window
from edits.models import AuditEntry, Budget, Invitation, SpentDay, User
from edits.services.team import people


class PersonForm(forms.ModelForm):
    """Role and access of a person; refuses what would leave the team without an administrator."""

    class Meta:
        model = User
        fields = ("role", "is_active")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        stays = data.get("is_active") and data.get("role") == self.initial.get("role")
        if not stays and people.is_last_administrator(self.instance):
            raise forms.ValidationError(
                "This is the only administrator. Make somebody else administrator first."
            )
        return data


@admin.register(User, site=site)
class PersonAdmin(Window):
    """People: role and access can be changed, through the services; passwords are theirs alone."""

    form = PersonForm
    list_display = ("username", "name", "email", "role", "is_active", "date_joined", "last_login")
    list_filter = ("role", "is_active", "date_joined")
    search_fields = ("username", "first_name", "last_name", "email")
    fields = (
        "username", "first_name", "last_name", "email", "role", "is_active", "is_founder",
        "shortcuts", "edits_per_day", "edits_per_month", "date_joined", "last_login",
    )  # fmt: skip
    readonly_fields = tuple(field for field in fields if field not in ("role", "is_active"))

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.has_view_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through the services, which end sessions, keep the columns of a role together and write the log."""
        assert isinstance(request.user, User)
        person = User.objects.get(pk=obj.pk)
        done = True
        if "role" in form.changed_data:
            done = people.set_role(user=person, role=obj.role, by=request.user)
        if "is_active" in form.changed_data and obj.is_active:
            people.reactivate(user=person, by=request.user)
        elif "is_active" in form.changed_data:
            done = people.deactivate(user=person, by=request.user) and done
        if not done:
            messages.error(request, "Refused: the team would have no administrator.")


@admin.register(Budget, site=site)
class BudgetAdmin(Window):
    """The limits as they stand; they are set on the settings page."""

    list_display = (
        "__str__", "person_per_day", "person_per_month", "team_per_day", "team_per_month", "person_waiting",
        "spent_until", "cost_spent_until",
    )  # fmt: skip


@admin.register(SpentDay, site=site)
class SpentDayAdmin(Window):
    """What edits that were deleted for good go on counting."""

    list_display = ("owner", "day", "edits", "calls")
    list_filter = ("day",)
    list_select_related = ("owner",)
    search_fields = ("owner__username",)


@admin.register(Invitation, site=site)
class InvitationAdmin(Window):
    """Invitations, without what opens them."""

    list_display = ("__str__", "role", "created_by", "created_at", "expires_at", "used_by", "revoked_at")
    list_filter = ("role", "created_at")
    list_select_related = ("created_by", "used_by")
    search_fields = ("note", "created_by__username", "used_by__username")
    exclude = ("token_hash",)


@admin.register(AuditEntry, site=site)
class AuditEntryAdmin(Window):
    """Who did or looked at what with more rights."""

    list_display = ("at", "actor", "action", "subject", "detail")
    list_filter = ("action", "at")
    list_select_related = ("actor",)
    search_fields = ("actor__username", "action", "subject", "detail")
    date_hierarchy = "at"
