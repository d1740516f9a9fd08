"""In which format, size and quality a picture is downloaded, and whether it carries its recipe."""

from django import forms
from django.utils.translation import gettext_lazy as _

from edits.images.exporting import Export

FORMATS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}
SIDES_PX = (2048, 1536, 1024, 768, 512)


class DownloadForm(forms.Form):
    """The fields of the download menu; all may be left out."""

    format = forms.ChoiceField(
        label=_("Format"),
        required=False,
        choices=[("", _("As stored")), ("png", "PNG"), ("jpg", "JPEG"), ("webp", "WebP")],
    )
    fit = forms.TypedChoiceField(
        label=_("Longer side"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("Original size")), *((side, f"{side} px") for side in SIDES_PX)],
    )
    quality = forms.IntegerField(label=_("Quality"), required=False, min_value=1, max_value=100)
    version = forms.ChoiceField(required=False, choices=[("", ""), ("merged", "")])
    recipe = forms.ChoiceField(required=False, choices=[("", ""), ("1", ""), ("0", "")])

    def to_export(self) -> Export:
        """What is asked for.  A quality without a lossy format is left alone: a stored picture stays as it is."""
        data = self.cleaned_data
        name = FORMATS.get(data["format"], "")
        lossy = data["quality"] if name in ("JPEG", "WEBP") else None
        return Export(format=name, fit_px=data["fit"], quality=lossy)  # type: ignore[arg-type]

    def with_recipe(self, *, usually: bool) -> bool:
        """Whether the file carries its recipe; ``usually`` where the address does not say."""
        return usually if self.cleaned_data["recipe"] == "" else self.cleaned_data["recipe"] == "1"
