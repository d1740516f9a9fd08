"""Models: what providers offer, each with the spec of what it takes and a price."""

from functools import cached_property
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q

from edits.model_specs import MODEL_SPECS, ModelSpec
from edits.models.provider import Provider


class ProviderModelQuerySet(models.QuerySet["ProviderModel"]):
    """Named reads."""

    def offered(self) -> Self:
        """Those that may be chosen: switched on, of providers that are not removed; in their order."""
        on = Q(is_on=True) | Q(provider__from_settings=True, name=settings.STEPFUN_MODEL)
        rows = self.select_related("provider").filter(on, provider__removed_at__isnull=True)
        return rows.order_by("provider__position", "provider_id", "position", "pk")

    def default(self) -> "ProviderModel":
        """The one that is used where nobody chooses: that of an administrator, otherwise that of the settings.

        Where neither is offered it is the first one that is, and the one of the settings where none is.
        """
        return self.default_of(list(self.offered())) or self.of_settings()

    @staticmethod
    def default_of(offered: "list[ProviderModel]") -> "ProviderModel | None":
        """The default among these; None where there are none."""
        chosen = [model for model in offered if model.is_default]
        of_settings = [model for model in offered if model.is_of_settings]
        return next(iter([*chosen, *of_settings, *offered]), None)

    def of_settings(self) -> "ProviderModel":
        """The model that STEPFUN_MODEL names, whatever its state."""
        rows = self.select_related("provider")
        return rows.get(provider__from_settings=True, name=settings.STEPFUN_MODEL)

    def served(self) -> Self:
        """Those to which edits are sent: what may be chosen, and both models of the settings' provider.

        An edit of the model that STEPFUN_MODEL named before can so be repeated.
        """
        on = Q(is_on=True) | Q(provider__from_settings=True)
        return self.select_related("provider").filter(on, provider__removed_at__isnull=True)

    def of_edit(self) -> Self:
        """Inside a query of edits: the model of each, if edits are still sent to it."""
        return self.served().filter(provider=OuterRef("provider"), name=OuterRef("model"))


class ProviderModel(models.Model):
    """One model of one provider.

    ``spec`` is a ModelSpec as JSON.  Of StepFun's own models the built-in specs hold.
    """

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="models")
    name = models.CharField(max_length=200, help_text="The id by which the provider knows it.")
    label = models.CharField(max_length=60, blank=True, help_text="What members read instead of the id.")
    accent = models.CharField(max_length=32, blank=True, help_text="How the server spells its fields.")
    spec_json = models.JSONField("spec", default=dict, blank=True)
    price = models.DecimalField(
        max_digits=10, decimal_places=4, null=True, blank=True, help_text="Of one edit, in US dollars."
    )
    is_on = models.BooleanField(default=True, help_text="Members may choose it.")
    is_default = models.BooleanField(default=False, help_text="Used where nobody chooses.")
    position = models.PositiveIntegerField(default=0)
    canary_is_on = models.BooleanField(default=False, help_text="A fixed small edit is made once a day.")
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

    @property
    def title(self) -> str:
        """Its name for people: the label, or the id without the folder that hubs put before it."""
        return self.label or self.name.rpartition("/")[2] or self.name

    @property
    def full_id(self) -> str:
        """Names it in the API beyond doubt: ``provider/model``."""
        return f"{self.provider.slug}/{self.name}"

    @property
    def is_of_settings(self) -> bool:
        """STEPFUN_MODEL names it, so that it cannot be switched off here."""
        return self.provider.from_settings and self.name == settings.STEPFUN_MODEL

    @property
    def is_shown(self) -> bool:
        """Members may choose it, as far as its provider allows."""
        return self.is_on or self.is_of_settings

    @property
    def has_built_in_spec(self) -> bool:
        """Its spec is that of StepFun's documentation and cannot be edited."""
        return self.provider.from_settings and self.name in MODEL_SPECS

    @cached_property
    def spec(self) -> ModelSpec:
        """What it takes.  Raises BadSpec where the row was changed by hand to nonsense."""
        if self.has_built_in_spec:
            return MODEL_SPECS[self.name]
        return ModelSpec.from_json(self.name, self.spec_json)
