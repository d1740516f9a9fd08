"""What members choose for a webhook: the URL, and which edits it is notified of."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from edits.models import ApiKey, User, Webhook
from edits.providers import UnsafeLink
from edits.providers.addresses import Resolver, resolve_within
from edits.services.webhooks import MOST_WEBHOOKS, judge_address

ALL = "all"
NOT_WHOLE = _("Enter a complete URL that begins with https:// or http://.")
NOT_PUBLIC = _(
    "This URL cannot be used. Check its spelling: the host must be public and the port 80, 443, or 1024 and above. "
    "Your administrator can allow hosts of your own network in WEBHOOK_PRIVATE_HOSTS."
)
"""Also where a name has no address: members could otherwise ask which names the internal network has."""
LOOK_UP_SECONDS = 4.0
"""While somebody waits for the page; a worker that posts has more time."""
NOT_IN_TIME = _("The host name could not be looked up in time. Check its spelling, or try again in a moment.")
TOO_MANY = _("You have %(most)s webhooks, which is the limit. Delete one you no longer need first.")


def _of_key(key: ApiKey) -> str:
    return gettext("Edits made with the key “%(name)s”") % {"name": key.name}


class WebhookForm(forms.Form):
    """A new webhook, or the changes of one; what comes out is what ``make_webhook`` takes."""

    url = forms.CharField(
        label=_("URL"),
        max_length=Webhook._meta.get_field("url").max_length,
        error_messages={"required": NOT_WHOLE},
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )
    api_key = forms.ChoiceField(
        label=_("Events for"),
        error_messages={"invalid_choice": _("This key no longer exists. Choose another.")},
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        owner: User,
        webhook: Webhook | None = None,
        look_up: Resolver | None = None,
    ) -> None:
        initial = {"url": webhook.url, "api_key": webhook.api_key_id or ALL} if webhook else {}
        super().__init__(data, auto_id="id_webhook_%s", initial=initial)
        self.owner, self.webhook, self._look_up = owner, webhook, look_up or resolve_within(LOOK_UP_SECONDS)
        mine = ApiKey.objects.of(owner)
        chosen = mine.filter(webhooks=webhook) if webhook else mine.none()
        self._keys = {str(key.pk): key for key in (mine.usable(timezone.now()) | chosen).order_by("name")}
        named = [(pk, _of_key(key)) for pk, key in self._keys.items()]
        self.fields["api_key"].choices = [(ALL, gettext("All my edits")), *named]  # type: ignore[attr-defined]

    def clean_url(self) -> str:
        """Only where a worker would post to: what is judged now is judged again each time."""
        url = self.cleaned_data["url"]
        if not url.lower().startswith(("https://", "http://")):
            raise ValidationError(NOT_WHOLE)
        try:
            judge_address(url, look_up=self._look_up)
        except TimeoutError:
            raise ValidationError(NOT_IN_TIME) from None
        except (UnsafeLink, OSError):
            raise ValidationError(NOT_PUBLIC) from None
        return url

    def clean_api_key(self) -> ApiKey | None:
        """None for all edits."""
        return self._keys.get(self.cleaned_data["api_key"])

    def clean(self) -> dict[str, Any]:
        """Not too many."""
        if not self.webhook and Webhook.objects.of(self.owner).count() >= MOST_WEBHOOKS:
            raise ValidationError(TOO_MANY, params={"most": MOST_WEBHOOKS}, code="too_many")
        return self.cleaned_data
