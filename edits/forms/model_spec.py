"""The form of one model: what members read of it, its price, and the spec of what it takes, field by field."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from edits import model_specs
from edits.forms.fields import ExactInteger, FiniteNumber, shortened
from edits.forms.provider_fields import PriceField
from edits.forms.provider_words import spec_words
from edits.model_specs import AUTO, FORMATS, BadSpec, Bounds, ModelSpec
from edits.models import ProviderModel
from edits.providers.dialects import ACCENTS, OPENAI
from edits.providers.presets import PRESETS
from edits.services.provider.offering import ModelChange

MEGABYTE = 1_000_000
MOST_WORDS, MOST_SIZES = 12, 24
WORD = re.compile(r"[a-z0-9][a-z0-9_.-]{0,19}")
RESULT_FORMATS = ("png", "jpeg", "webp")
PARTS = ("least", "default", "most")
ALL_OR_NONE = _("Fill in all three fields, or leave all three empty if the model has no such option.")
NOT_A_SIZE = _("%(size)s is not a size. Write 1024x1024, or auto.")
FIELD_OF = {"steps": "steps_least", "cfg_scale": "cfg_scale_least", "max_sent_bytes": "max_sent_mb"}
"""Where the form shows what is wrong with a field of the spec."""
NUMBERS = (
    "max_prompt_chars",
    "min_side_px",
    "max_side_px",
    "max_area_px",
    "max_ratio",
    "max_pictures",
    "side_multiple_px",
)
FLAGS = ("takes_seed", "takes_negative_prompt", "takes_mask")
LISTS = ("qualities", "backgrounds", "output_formats")


def _number(label: str | Promise, least: int, most: int, hint: str | Promise) -> ExactInteger:
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    return ExactInteger(least=least, most=most, name=label, label=label, help_text=hint, widget=widget)


def _part(label: str | Promise, most: float) -> FiniteNumber:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return FiniteNumber(bounds=Bounds(0, most, 0), name=label, comma=True, label=label, widget=widget)


def _words(label: Any, hint: Any) -> forms.CharField:
    attrs = {"autocomplete": "off", "spellcheck": "false"}
    return forms.CharField(label=label, required=False, help_text=hint, widget=forms.TextInput(attrs=attrs))


class ModelForm(forms.Form):
    """Label, price and, unless it is built in, the spec of one model."""

    label = forms.CharField(
        label=_("Name for members"), required=False, max_length=60, help_text=_("Shown instead of the id.")
    )
    price = PriceField(
        label=_("Price per edit"),
        help_text=_("In US dollars. Leave empty if you don't know it or edits are free."),
    )
    good_at = forms.CharField(
        label=_("Good at"),
        required=False,
        max_length=120,
        help_text=_("One sentence that helps members choose."),
    )
    accent = forms.ChoiceField(
        label=_("Field names of the server"),
        required=False,
        help_text=_("Servers use different names for steps, guidance and other fields."),
    )
    max_prompt_chars = _number(
        _("Longest prompt"),
        1,
        model_specs.MOST_PROMPT_CHARS,
        _("In characters. Longer prompts are rejected."),
    )
    max_pictures = _number(
        _("Pictures"), 1, model_specs.MOST_PICTURES, _("The picture to edit and its references together.")
    )
    takes_mask = forms.BooleanField(
        label=_("Takes a mask"),
        required=False,
        help_text=_("A region to edit can be sent with the picture."),
    )
    formats = forms.MultipleChoiceField(
        label=_("Formats"),
        choices=[(name, name) for name in FORMATS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Formats that the model accepts. Other pictures are converted."),
    )
    min_side_px = _number(
        _("Shortest side"), 1, model_specs.MOST_SIDE_PX, _("In pixels. Smaller pictures get a border.")
    )
    max_side_px = _number(
        _("Longest side"), 1, model_specs.MOST_SIDE_PX, _("In pixels. Larger pictures are scaled down.")
    )
    max_area_px = _number(
        _("Largest area"),
        1,
        model_specs.MOST_SIDE_PX**2,
        _("Width times height in pixels; 1024 × 1024 is 1048576."),
    )
    max_ratio = _number(
        _("Aspect ratio limit"),
        1,
        100,
        _("3 means that pictures from 1:3 to 3:1 can be sent; others are cropped or padded."),
    )
    max_sent_mb = _part(_("Largest file"), 50)
    sizes = forms.CharField(
        label=_("Result sizes"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_(
            "One per line, such as 1024x1024, or auto where the model follows the picture. "
            "Leave empty if no size can be chosen."
        ),
    )
    default_size = _words(_("Default size"), _("One of the sizes above."))
    size_rule = forms.ChoiceField(
        label=_("Meaning of a size"),
        choices=[
            ("exact", _("The result has exactly this size")),
            ("area", _("The result has this area and the picture's aspect ratio")),
        ],
        help_text=_("Used to show the size of a result in advance."),
    )
    side_multiple_px = _number(
        _("Sides are multiples of"), 1, 256, _("In pixels. Many models round sides to 16, some to 64.")
    )
    takes_seed = forms.BooleanField(
        label=_("Takes a seed"), required=False, help_text=_("The same seed gives the same picture again.")
    )
    steps_least = _part(pgettext_lazy("range", "From"), model_specs.MOST_STEPS)
    steps_default = _part(pgettext_lazy("range", "Default"), model_specs.MOST_STEPS)
    steps_most = _part(pgettext_lazy("range", "To"), model_specs.MOST_STEPS)
    cfg_scale_least = _part(pgettext_lazy("range", "From"), model_specs.MOST_CFG_SCALE)
    cfg_scale_default = _part(pgettext_lazy("range", "Default"), model_specs.MOST_CFG_SCALE)
    cfg_scale_most = _part(pgettext_lazy("range", "To"), model_specs.MOST_CFG_SCALE)
    takes_negative_prompt = forms.BooleanField(
        label=_("Takes a negative prompt"),
        required=False,
        help_text=_("A text that says what should not be in the picture."),
    )
    qualities = _words(
        _("Qualities"),
        _("Separated by spaces, such as low medium high. Leave empty if none can be chosen."),
    )
    backgrounds = _words(
        _("Backgrounds"), _("Such as opaque transparent. Leave empty if none can be chosen.")
    )
    output_formats = _words(
        _("Output formats"), _("Among png, jpeg and webp. Leave empty if none can be chosen.")
    )

    def __init__(self, data: QueryDict | None = None, *, model: ProviderModel) -> None:
        self.model, self.is_built_in = model, model.has_built_in_spec
        super().__init__(data, auto_id="id_model_%s", initial=_initial(model))
        preset = PRESETS[model.provider.kind]
        accents = [("", gettext("Like %(server)s") % {"server": preset.title})] if preset.accent else []
        self.fields["accent"].choices = accents + [(key, key) for key in ACCENTS]  # type: ignore[attr-defined]
        if preset.dialect != OPENAI:
            del self.fields["accent"]
        if self.is_built_in:
            for name in set(self.fields) - {"label", "price"}:
                del self.fields[name]
        else:
            self.fields["max_sent_mb"].help_text = gettext("Of a picture as it is sent, in MB (0.1 to 50).")
            for name in (*NUMBERS, "max_sent_mb", "formats"):
                self.fields[name].required = True  # for the label: what is empty is said below
        self.spec: ModelSpec | None = None

    def clean_sizes(self) -> tuple[str, ...]:
        """Sizes in the one spelling that servers know."""
        lines = re.split(r"[\s,]+", self.cleaned_data["sizes"].lower().replace("×", "x").replace("*", "x"))
        sizes = tuple(dict.fromkeys(line for line in lines if line))
        for size in sizes:
            sides = size.split("x")
            if size != AUTO and not all(side.isdecimal() and len(side) <= 5 for side in sides):
                raise ValidationError(NOT_A_SIZE, params={"size": shortened(size)})
            if size != AUTO and max(map(int, sides)) > model_specs.MOST_SIDE_PX:
                raise ValidationError(
                    _("%(size)s is larger than any picture can be."), params={"size": shortened(size)}
                )
        if len(sizes) > MOST_SIZES:
            raise ValidationError(_("Enter at most %(most)s sizes."), params={"most": MOST_SIZES})
        return sizes

    def clean_qualities(self) -> tuple[str, ...]:
        """Words as the server knows them."""
        return _split(self.cleaned_data["qualities"])

    def clean_backgrounds(self) -> tuple[str, ...]:
        """Words as the server knows them."""
        return _split(self.cleaned_data["backgrounds"])

    def clean_output_formats(self) -> tuple[str, ...]:
        """Those that Retake can store."""
        for word in (words := _split(self.cleaned_data["output_formats"])):
            if word not in RESULT_FORMATS:
                raise ValidationError(
                    _("%(word)s cannot be stored. Use png, jpeg or webp."), params={"word": shortened(word)}
                )
        return words

    def clean(self) -> dict[str, Any]:
        """A spec that does not contradict itself."""
        if self.is_built_in:
            return self.cleaned_data
        for name in (*NUMBERS, "max_sent_mb"):
            if name in self.cleaned_data and not self.data.get(name, "").strip():
                self.add_error(name, gettext("Enter a number."))
        steps, cfg_scale = self._bounds("steps"), self._bounds("cfg_scale")
        if not self.errors:
            try:
                self.spec = ModelSpec(**self._values(), steps=steps, cfg_scale=cfg_scale)
            except BadSpec as error:
                self.add_error(FIELD_OF.get(error.field, error.field), spec_words(error))
        return self.cleaned_data

    def to_change(self) -> ModelChange:
        """What the service stores."""
        entered = self.cleaned_data
        return ModelChange(
            label=entered["label"],
            price=entered["price"],
            accent=entered.get("accent", self.model.accent),
            spec=self.spec,
        )

    def _values(self) -> dict[str, Any]:
        entered, before = self.cleaned_data, self.model.spec
        sent_bytes = round(entered["max_sent_mb"] * MEGABYTE)
        values = {name: entered[name] for name in (*NUMBERS, *FLAGS, *LISTS, "sizes", "good_at", "size_rule")}
        return values | {
            "name": self.model.name,
            "formats": tuple(entered["formats"]),
            "default_size": entered["default_size"].lower().replace("×", "x"),
            "max_sent_bytes": sent_bytes,
            "max_upload_bytes": max(before.max_upload_bytes, sent_bytes),
        }

    def _bounds(self, name: str) -> Bounds | None:
        fields = [f"{name}_{part}" for part in PARTS]
        written = [bool(self.data.get(field, "").strip()) for field in fields]
        if not any(written) or any(field not in self.cleaned_data for field in fields):
            return None
        if not all(written):
            self.add_error(fields[0], ALL_OR_NONE)
            return None
        least, default, most = (self.cleaned_data[field] for field in fields)
        if name == "steps" and any(number != int(number) for number in (least, default, most)):
            self.add_error(fields[0], gettext("Steps must be whole numbers."))
            return None
        return Bounds(least=least, default=default, most=most)


def _split(text: str) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(text.lower().replace(",", " ").split()))
    for word in words:
        if not WORD.fullmatch(word):
            raise ValidationError(
                _("%(word)s is not a value that a server could know."), params={"word": shortened(word)}
            )
    if len(words) > MOST_WORDS:
        raise ValidationError(_("Enter at most %(most)s values."), params={"most": MOST_WORDS})
    return words


def _initial(model: ProviderModel) -> dict[str, Any]:
    """What the form shows at first."""
    spec = model.spec
    initial: dict[str, Any] = {name: getattr(spec, name) for name in (*NUMBERS, *FLAGS)}
    initial |= {name: " ".join(getattr(spec, name)) for name in LISTS}
    for name in ("steps", "cfg_scale"):
        bounds = getattr(spec, name)
        initial |= {f"{name}_{part}": f"{getattr(bounds, part):g}" if bounds else "" for part in PARTS}
    return initial | {
        "label": model.label,
        "price": "" if model.price is None else f"{model.price.normalize():f}",
        "accent": model.accent,
        "good_at": spec.good_at,
        "formats": list(spec.formats),
        "max_sent_mb": f"{spec.max_sent_bytes / MEGABYTE:g}",
        "sizes": "\n".join(spec.sizes),
        "default_size": spec.default_size,
        "size_rule": spec.size_rule,
    }
