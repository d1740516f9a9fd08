"""API keys, submissions, webhooks and deliveries in the admin.

No secrets are shown: neither the hash of a key nor the secret of a webhook.
"""

from django.contrib import admin

from edits.admin.readonly import EditReadOnlyAdmin, ReadOnlyAdmin
from edits.admin.site import site
from edits.models import ApiKey, Submission, Webhook, WebhookDelivery


@admin.register(ApiKey, site=site)
class ApiKeyAdmin(ReadOnlyAdmin):
    """API keys with their owners, permissions and last use; the settings page revokes them."""

    list_display = (
        "name", "hint", "owner", "can_edit", "can_read", "per_minute", "created_at", "expires_at",
        "last_used_at", "revoked_at",
    )  # fmt: skip
    list_filter = ("can_edit", "can_read", "created_at", "last_used_at", "revoked_at")
    list_select_related = ("owner",)
    search_fields = ("name", "=hint", "owner__username_folded")
    exclude = ("key_hash",)


@admin.register(Submission, site=site)
class SubmissionAdmin(ReadOnlyAdmin):
    """Calls that requested an edit, so that a repeated call joins the first."""

    list_display = ("submission_key", "api_key", "idempotency_key", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("api_key",)
    search_fields = ("=submission_key", "=idempotency_key", "api_key__owner__username_folded")
    readonly_fields = ("submission_key",)


@admin.register(Webhook, site=site)
class WebhookAdmin(ReadOnlyAdmin):
    """URLs that are notified of finished edits, without their signing secrets."""

    list_display = ("url", "owner", "api_key", "is_on", "off_reason", "failing_since", "created_at")
    list_filter = ("is_on", "off_reason", "created_at")
    list_select_related = ("owner", "api_key")
    search_fields = ("url", "owner__username_folded")
    exclude = ("secret",)


@admin.register(WebhookDelivery, site=site)
class WebhookDeliveryAdmin(EditReadOnlyAdmin):
    """Deliveries of edits to webhooks, with their outcomes."""

    list_display = (
        "public_id", "edit_id_shown", "webhook", "tries", "tried_at", "due_at", "delivered_at",
        "answer_status", "problem",
    )  # fmt: skip
    list_filter = ("created_at", "delivered_at")
    list_select_related = ("edit", "webhook")
    search_fields = ("=public_id", "=edit__public_id", "webhook__owner__username_folded")
    exclude = ("edit",)
    readonly_fields = ("public_id", "edit_id_shown")
