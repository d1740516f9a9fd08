"""Models: what providers offer, each with a spec of its inputs and a price."""

from functools import cached_property
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q

from edits.model_specs import MODEL_SPECS, BadSpec, ModelSpec
from edits.models.provider import Provider
from edits.models.rates import Counted


class ProviderModelQuerySet(models.QuerySet["ProviderModel"]):
    """Models by whether members may choose them and whether edits are sent to them."""

    def offered(self) -> Self:
        """Models that may be chosen: switched on, of providers that were not removed; in display order."""
        on = Q(is_on=True) | Q(provider__from_settings=True, name=settings.STEPFUN_MODEL)
        rows = self.select_related("provider").filter(on, provider__removed_at__isnull=True)
        return rows.order_by("provider__position", "provider_id", "position", "pk")

    @staticmethod
    def all_offered() -> "list[ProviderModel]":
        """The same models as ``offered()``, with their providers; two simple reads take half the time of its join."""
        providers = {row.pk: row for row in Provider.objects.order_by() if not row.removed_at}
        shown = []
        for model in ProviderModel.objects.order_by():
            if provider := providers.get(model.provider_id):
                model.provider = provider
                shown += [model] if model.is_shown else []
        return sorted(shown, key=ProviderModel.place)

    def default(self) -> "ProviderModel":
        """The model that is used if a member chooses none.

        The first of these that exists: the administrators' default, the settings' model if offered, the first
        one offered, the settings' model.
        """
        return self.default_of(self.all_offered()) or self.of_settings()

    @staticmethod
    def default_of(offered: "list[ProviderModel]") -> "ProviderModel | None":
        """The default among ``offered``; None if it is empty."""
        chosen = [model for model in offered if model.is_default]
        of_settings = [model for model in offered if model.is_of_settings]
        return next(iter([*chosen, *of_settings, *offered]), None)

    def of_settings(self) -> "ProviderModel":
        """The model that STEPFUN_MODEL names, whatever its state."""
        rows = self.select_related("provider")
        return rows.get(provider__from_settings=True, name=settings.STEPFUN_MODEL)

    def served(self) -> Self:
        """Models to which edits are sent: those that may be chosen, and every model of the settings' provider.

        So an edit of the model that STEPFUN_MODEL named before can be repeated.
        """
        on = Q(is_on=True) | Q(provider__from_settings=True)
        return self.select_related("provider").filter(on, provider__removed_at__isnull=True)

    def of_edit(self) -> Self:
        """Inside a query of edits: the model of each edit, if edits are still sent to it."""
        return self.served().filter(provider=OuterRef("provider"), name=OuterRef("model"))


class ProviderModel(Counted):
    """One model of one provider.

    ``spec`` is a ModelSpec as JSON.  For StepFun's own models, the built-in specs apply.
    """

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="models")
    name = models.CharField(max_length=200, help_text="The id by which the provider knows it.")
    label = models.CharField(max_length=60, blank=True, help_text="Shown to members instead of the id.")
    accent = models.CharField(max_length=32, blank=True, help_text="How the server spells its fields.")
    spec_json = models.JSONField("spec", default=dict, blank=True)
    price = models.DecimalField(
        max_digits=10, decimal_places=4, null=True, blank=True, help_text="Of one edit, in US dollars."
    )
    is_on = models.BooleanField(default=True, help_text="Members may choose it.")
    is_default = models.BooleanField(default=False, help_text="Used if no model is chosen.")
    position = models.PositiveIntegerField(default=0)
    canary_is_on = models.BooleanField(default=False, help_text="Runs a fixed small edit once a day.")
    canary_due_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(
        null=True, blank=True, help_text="When the canary last saw that the model had changed."
    )

    objects = ProviderModelQuerySet.as_manager()

    class Meta:
        ordering = ["provider__position", "provider_id", "position", "pk"]
        constraints = [
            models.UniqueConstraint(name="model_once_per_provider", fields=["provider", "name"]),
            models.UniqueConstraint(
                name="model_one_default", fields=["is_default"], condition=Q(is_default=True)
            ),
            models.CheckConstraint(name="model_has_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="model_price_not_negative", condition=Q(price__isnull=True) | Q(price__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return self.full_id

    def place(self) -> tuple[int, int, int, int]:
        """The sort key of models, everywhere."""
        return self.provider.position, self.provider_id, self.position, self.pk

    @property
    def title(self) -> str:
        """The name shown to people: the label, or the id without the folder that hubs put before it."""
        return self.label or self.name.rpartition("/")[2] or self.name

    @property
    def full_id(self) -> str:
        """The unambiguous name in the API: ``provider/model``."""
        return f"{self.provider.slug}/{self.name}"

    @property
    def is_of_settings(self) -> bool:
        """Whether STEPFUN_MODEL names it, so that it cannot be switched off here."""
        return self.provider.from_settings and self.name == settings.STEPFUN_MODEL

    @property
    def is_served(self) -> bool:
        """Whether edits are sent to it: the same rule as ``served()``."""
        return (self.is_on or self.provider.from_settings) and not self.provider.removed_at

    @property
    def is_shown(self) -> bool:
        """Whether members may choose it, provided that its provider was not removed."""
        return self.is_on or self.is_of_settings

    @property
    def has_built_in_spec(self) -> bool:
        """Whether its spec comes from StepFun's documentation and cannot be edited."""
        return self.provider.from_settings and self.name in MODEL_SPECS

    @property
    def spec(self) -> ModelSpec:
        """Its inputs; if the stored spec is invalid, an empty one, which takes a picture and a prompt."""
        return self._spec_and_error[0]

    @property
    def spec_error(self) -> str:
        """Why the stored spec is invalid, in English.  Only a change that bypassed the form can make it so."""
        return str(self.bad_spec or "")

    @property
    def bad_spec(self) -> BadSpec | None:
        """The error of a stored spec that is invalid."""
        return self._spec_and_error[1]

    @cached_property
    def _spec_and_error(self) -> tuple[ModelSpec, BadSpec | None]:
        if self.has_built_in_spec:
            return MODEL_SPECS[self.name], None
        try:
            return ModelSpec.from_json(self.name, self.spec_json), None
        except BadSpec as error:
            return ModelSpec(self.name), error
