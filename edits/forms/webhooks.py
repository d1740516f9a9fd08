"""What members choose for a webhook: the address, and of which edits it is told."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from edits.models import ApiKey, User, Webhook
from edits.providers import UnsafeLink
from edits.providers.addresses import Resolver, resolve
from edits.services.webhooks import MOST_WEBHOOKS, judge_address

ALL = "all"
NOT_WHOLE = "Write the whole address, beginning with https:// or http://."
NOT_PUBLIC = (
    "Nothing can be posted there. The address must be of the open internet and spelled plainly, on port 80, 443 or "
    "from 1024; your operator can allow hosts of your own network in WEBHOOK_PRIVATE_HOSTS."
)
NOT_FOUND = "This name could not be found. Check how it is spelled, or try again in a moment."
TOO_MANY = f"You have {MOST_WEBHOOKS} webhooks. Delete one that you no longer need first."


class WebhookForm(forms.Form):
    """A new webhook, or the changes of one; what comes out is what ``make_webhook`` takes."""

    url = forms.CharField(
        label="Address",
        max_length=Webhook._meta.get_field("url").max_length,
        error_messages={"required": NOT_WHOLE},
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )
    api_key = forms.ChoiceField(
        label="Tells of",
        error_messages={"invalid_choice": "There is no such key any more. Choose another."},
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        owner: User,
        webhook: Webhook | None = None,
        look_up: Resolver = resolve,
    ) -> None:
        initial = {"url": webhook.url, "api_key": webhook.api_key_id or ALL} if webhook else {}
        super().__init__(data, auto_id="id_webhook_%s", initial=initial)
        self.owner, self.webhook, self._look_up = owner, webhook, look_up
        mine = ApiKey.objects.of(owner)
        chosen = mine.filter(webhooks=webhook) if webhook else mine.none()
        self._keys = {str(key.pk): key for key in (mine.usable(timezone.now()) | chosen).order_by("name")}
        named = [(pk, f"Those that the key “{key.name}” asked for") for pk, key in self._keys.items()]
        self.fields["api_key"].choices = [(ALL, "All my edits"), *named]  # type: ignore[attr-defined]

    def clean_url(self) -> str:
        """Only where a worker would post to: what is judged now is judged again each time."""
        url = self.cleaned_data["url"]
        if not url.lower().startswith(("https://", "http://")):
            raise ValidationError(NOT_WHOLE)
        try:
            judge_address(url, look_up=self._look_up)
        except UnsafeLink:
            raise ValidationError(NOT_PUBLIC) from None
        except OSError:
            raise ValidationError(NOT_FOUND) from None
        return url

    def clean_api_key(self) -> ApiKey | None:
        """None where it is told of all edits."""
        return self._keys.get(self.cleaned_data["api_key"])

    def clean(self) -> dict[str, Any]:
        """Not too many."""
        if not self.webhook and Webhook.objects.of(self.owner).count() >= MOST_WEBHOOKS:
            raise ValidationError(TOO_MANY)
        return self.cleaned_data
