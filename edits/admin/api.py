"""What programs do for members, in the admin: API keys, what they submitted, webhooks and what these were told.

Nothing here opens anything: neither the hash of a key nor the secret of a webhook is shown.
"""

from django.contrib import admin

from edits.admin.sites import site
from edits.admin.windows import EditWindow, Window
from edits.models import ApiKey, Submission, Webhook, WebhookDelivery


@admin.register(ApiKey, site=site)
class ApiKeyAdmin(Window):
    """Whose keys there are, what they may do and when they were used; the settings page revokes them."""

    list_display = (
        "name", "hint", "owner", "can_edit", "can_read", "per_minute", "created_at", "expires_at",
        "last_used_at", "revoked_at",
    )  # fmt: skip
    list_filter = ("can_edit", "can_read", "created_at", "last_used_at", "revoked_at")
    list_select_related = ("owner",)
    search_fields = ("name", "=hint", "owner__username")
    exclude = ("key_hash",)


@admin.register(Submission, site=site)
class SubmissionAdmin(Window):
    """Calls that asked for an edit, so that the same call again joins the first."""

    list_display = ("submission_key", "api_key", "idempotency_key", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("api_key",)
    search_fields = ("=submission_key", "=idempotency_key", "api_key__owner__username")
    readonly_fields = ("submission_key",)


@admin.register(Webhook, site=site)
class WebhookAdmin(Window):
    """Addresses that are told of finished edits, without what signs the posts."""

    list_display = ("url", "owner", "api_key", "is_on", "off_reason", "failing_since", "created_at")
    list_filter = ("is_on", "off_reason", "created_at")
    list_select_related = ("owner", "api_key")
    search_fields = ("url", "owner__username")
    exclude = ("secret",)


@admin.register(WebhookDelivery, site=site)
class WebhookDeliveryAdmin(EditWindow):
    """Which webhook was told of which edit, and how that went."""

    list_display = (
        "public_id", "edit_id_shown", "webhook", "tries", "tried_at", "due_at", "delivered_at",
        "answer_status", "problem",
    )  # fmt: skip
    list_filter = ("answer_status", "created_at", "delivered_at")
    list_select_related = ("edit", "webhook")
    search_fields = ("=public_id", "=edit__public_id", "webhook__owner__username")
    exclude = ("edit",)
    readonly_fields = ("public_id", "edit_id_shown")
