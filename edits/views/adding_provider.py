"""Adding a provider: kind, URL, key, and the models that its server lists.  A page, or a panel beside the list."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from edits.forms.found_models import NONE_CHOSEN, FoundModelsForm
from edits.forms.providers import TAKEN, NewProviderForm
from edits.http.access import administrators_only, signed_in
from edits.models import Provider
from edits.providers.presets import CHOICES
from edits.services.provider.adding import add_provider
from edits.services.provider.connection_test import ConnectionFailed, ModelListing, list_models
from edits.services.provider.naming import NameTaken
from edits.views.htmx import HtmxRequest

UNPROCESSABLE = 422


@never_cache
@sensitive_post_parameters("key", "sealed_key")
@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def add(request: HtmxRequest) -> HttpResponse:
    """The form; a POST tests the connection or adds the provider, as ``do`` says."""
    return Adding(request).answer()


class Adding:
    """One request to the page."""

    def __init__(self, request: HtmxRequest) -> None:
        self.request = request
        data = request.POST if request.method == "POST" else None
        self.form = NewProviderForm(data, initial=_initial(request.GET))
        self.models = FoundModelsForm(data, preset=self.form.kind)
        self.listing: ModelListing | None = None

    def answer(self) -> HttpResponse:
        """The page again, or the new provider's."""
        if self.request.method != "POST":
            return self._page()
        is_valid = self.form.is_valid() & self.models.is_valid()
        if self.request.POST.get("do") == "add":
            provider = self._add() if is_valid else None
            return self._done(provider) if provider else self._page(status=UNPROCESSABLE)
        listing = self._test() if self._can_test() else None
        if listing is None:
            return self._page(status=UNPROCESSABLE)
        self.models.show(listing.names)
        return self._page()

    def _can_test(self) -> bool:
        """A name is not needed for it."""
        self.form.errors.pop("name", None)
        return not self.form.errors and not self.models.has_error("typed")

    def _test(self) -> ModelListing | None:
        entered = self.form.cleaned_data
        entered.setdefault("name", "")
        try:
            self.listing = list_models(self.form.to_provider())
        except ConnectionFailed as error:
            field = "key_variable" if error.field == "key" and entered["key_variable"] else error.field
            self.form.add_error(field, str(error))
        return self.listing

    def _add(self) -> Provider | None:
        chosen = self.models.chosen()
        if not chosen:
            self.models.add_error(None, NONE_CHOSEN)
            return None
        provider = self.form.to_provider()
        listing = self._test()
        if listing is None or (listing.has_list and self.models.refuse_vanished(listing.names)):
            return None
        try:
            return add_provider(provider, chosen, actor=signed_in(self.request), now=timezone.now())
        except NameTaken:
            self.form.add_error("name", TAKEN)
            return None

    def _done(self, provider: Provider) -> HttpResponse:
        words = gettext("%(name)s added. Send a test edit to see whether it works; it may cost money.") % {
            "name": provider.title
        }
        messages.success(self.request, words)
        address = reverse("edits:provider", args=[provider.slug])
        return HttpResponse(headers={"HX-Redirect": address}) if self.request.htmx else redirect(address)

    def _page(self, *, status: int = 200) -> HttpResponse:
        template = "providers/add.html"
        if self.request.htmx:
            template = "providers/_add.html" if self.request.method == "POST" else "providers/_dock.html"
        context = {
            "form": self.form,
            "models": self.models,
            "listing": self.listing,
            "presets": CHOICES,
            "kind": self.form.kind,
            "is_part": self.request.htmx,
        }
        answer = render(self.request, template, context, status=status)
        answer["Cache-Control"] = "no-store"
        return answer


def _initial(asked: QueryDict) -> dict[str, str]:
    """The kind that the address names, otherwise OpenAI; a hosted one brings its URL."""
    kinds = {preset.key: preset for preset in CHOICES}
    preset = kinds.get(asked.get("preset", ""), kinds["openai"])
    return {"preset": preset.key, "url": preset.url if preset.is_hosted else ""}
