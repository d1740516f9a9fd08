"""The form of one model: what members read of it, its price, and the spec of what it takes, field by field."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from edits import model_specs
from edits.forms.fields import ExactInteger, FiniteNumber, shortened
from edits.forms.provider_fields import PriceField
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
ALL_OR_NONE = "Fill in all three, or leave all three empty if the model takes none."
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


def _number(label: str, least: int, most: int, hint: str) -> ExactInteger:
    attrs = {"inputmode": "numeric", "autocomplete": "off"}
    widget = forms.TextInput(attrs=attrs)
    return ExactInteger(least=least, most=most, name=label, label=label, help_text=hint, widget=widget)


def _part(label: str, most: float) -> FiniteNumber:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    bounds = Bounds(0, most, 0)
    return FiniteNumber(bounds=bounds, name=label, comma=True, label=label, widget=widget)


def _words(label: str, hint: str) -> forms.CharField:
    attrs = {"autocomplete": "off", "spellcheck": "false"}
    return forms.CharField(label=label, required=False, help_text=hint, widget=forms.TextInput(attrs=attrs))


class ModelForm(forms.Form):
    """Label, price and, unless it is built in, the spec of one model."""

    label = forms.CharField(
        label="Name for members", required=False, max_length=60, help_text="Shown instead of the id."
    )
    price = PriceField(
        label="Price of an edit", help_text="In US dollars; empty if you don't know it or it is free."
    )
    good_at = forms.CharField(
        label="Good at", required=False, max_length=120, help_text="One sentence that helps members choose."
    )
    accent = forms.ChoiceField(
        label="How the server spells its fields",
        required=False,
        help_text="Servers name steps, guidance and other fields differently.",
    )
    max_prompt_chars = _number(
        "Longest prompt",
        1,
        model_specs.MOST_PROMPT_CHARS,
        "In characters. Longer prompts are refused in the form.",
    )
    max_pictures = _number(
        "Pictures", 1, model_specs.MOST_PICTURES, "The picture to edit and its references together."
    )
    takes_mask = forms.BooleanField(
        label="Takes a mask", required=False, help_text="A region to edit can be sent with the picture."
    )
    formats = forms.MultipleChoiceField(
        label="Formats",
        choices=[(name, name) for name in FORMATS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="In which a picture may be sent. Others are converted.",
    )
    min_side_px = _number(
        "Shortest side", 1, model_specs.MOST_SIDE_PX, "In pixels. Smaller pictures get a border."
    )
    max_side_px = _number(
        "Longest side", 1, model_specs.MOST_SIDE_PX, "In pixels. Larger pictures are scaled down."
    )
    max_area_px = _number(
        "Largest area",
        1,
        model_specs.MOST_SIDE_PX**2,
        "Width times height in pixels; 1024 × 1024 is 1048576.",
    )
    max_ratio = _number(
        "Longest shape",
        1,
        100,
        "3 means that pictures from 1:3 to 3:1 can be sent; others are cropped or padded.",
    )
    max_sent_mb = _part("Largest file", 50)
    sizes = forms.CharField(
        label="Sizes of results",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="One per line as 1024x1024, or auto where the model follows the picture. "
        "Leave empty if no size can be chosen.",
    )
    default_size = _words("Default size", "One of the sizes above.")
    size_rule = forms.ChoiceField(
        label="What a size means",
        choices=[
            ("exact", "The result has exactly this size"),
            ("area", "Only the area, in the picture's shape"),
        ],
        help_text="Used to announce the size of a result.",
    )
    side_multiple_px = _number(
        "Sides are multiples of", 1, 256, "In pixels. Many models round sides to 16, some to 64."
    )
    takes_seed = forms.BooleanField(
        label="Takes a seed", required=False, help_text="The same seed makes the same picture again."
    )
    steps_least = _part("From", model_specs.MOST_STEPS)
    steps_default = _part("Default", model_specs.MOST_STEPS)
    steps_most = _part("To", model_specs.MOST_STEPS)
    cfg_scale_least = _part("From", model_specs.MOST_CFG_SCALE)
    cfg_scale_default = _part("Default", model_specs.MOST_CFG_SCALE)
    cfg_scale_most = _part("To", model_specs.MOST_CFG_SCALE)
    takes_negative_prompt = forms.BooleanField(
        label="Takes a negative prompt", required=False, help_text="What should not be in the picture."
    )
    qualities = _words(
        "Qualities", "Separated by blanks, such as low medium high. Empty: none can be chosen."
    )
    backgrounds = _words("Backgrounds", "Such as opaque transparent. Empty: none can be chosen.")
    output_formats = _words("Output formats", "Among png, jpeg and webp. Empty: none can be chosen.")

    def __init__(self, data: QueryDict | None = None, *, model: ProviderModel) -> None:
        self.model, self.is_built_in = model, model.has_built_in_spec
        super().__init__(data, auto_id="id_model_%s", initial=_initial(model))
        preset = PRESETS[model.provider.kind]
        accents = [("", f"As {preset.title} does")] if preset.accent else []
        self.fields["accent"].choices = accents + [(key, key) for key in ACCENTS]  # type: ignore[attr-defined]
        if preset.dialect != OPENAI:
            del self.fields["accent"]
        if self.is_built_in:
            for name in set(self.fields) - {"label", "price"}:
                del self.fields[name]
        else:
            self.fields["max_sent_mb"].help_text = "Of a picture as it is sent, in MB (0.1 to 50)."
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
                raise ValidationError(f"{shortened(size)} is not a size. Write 1024x1024, or auto.")
            if size != AUTO and max(map(int, sides)) > model_specs.MOST_SIDE_PX:
                raise ValidationError(f"{shortened(size)} is larger than any picture can be.")
        if len(sizes) > MOST_SIZES:
            raise ValidationError(f"At most {MOST_SIZES} sizes can be listed.")
        return sizes

    def clean_qualities(self) -> tuple[str, ...]:
        """Words as the server knows them."""
        return _split(self.cleaned_data["qualities"])

    def clean_backgrounds(self) -> tuple[str, ...]:
        """Words as the server knows them."""
        return _split(self.cleaned_data["backgrounds"])

    def clean_output_formats(self) -> tuple[str, ...]:
        """Those that Retake can store."""
        words = _split(self.cleaned_data["output_formats"])
        for word in words:
            if word not in RESULT_FORMATS:
                raise ValidationError(f"{shortened(word)} cannot be stored. Use png, jpeg or webp.")
        return words

    def clean(self) -> dict[str, Any]:
        """A spec that does not contradict itself."""
        if self.is_built_in:
            return self.cleaned_data
        for name in (*NUMBERS, "max_sent_mb"):
            if name in self.cleaned_data and not self.data.get(name, "").strip():
                self.add_error(name, "Enter a number.")
        steps, cfg_scale = self._bounds("steps"), self._bounds("cfg_scale")
        if not self.errors:
            try:
                self.spec = ModelSpec(**self._values(), steps=steps, cfg_scale=cfg_scale)
            except BadSpec as error:
                self.add_error(FIELD_OF.get(error.field, error.field), str(error))
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
            self.add_error(fields[0], "Steps are whole numbers.")
            return None
        return Bounds(least=least, default=default, most=most)


def _split(text: str) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(text.lower().replace(",", " ").split()))
    for word in words:
        if not WORD.fullmatch(word):
            raise ValidationError(f"{shortened(word)} is not a word that a server could know.")
    if len(words) > MOST_WORDS:
        raise ValidationError(f"At most {MOST_WORDS} words can be listed.")
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
