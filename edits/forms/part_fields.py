"""The fields of an edit that changes a part of its picture: which one, and whether the rest keeps its detail.

Knows what is made of a source that another part of the form chose.
"""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from edits.forms.fields import ExactInteger
from edits.forms.regions import only_region, paint_in, read_box, with_kept_detail
from edits.images import CheckedImage
from edits.images.regions import SOFTEST_PX, Box
from edits.model_specs import ModelSpec
from edits.services.queue.sources import Source

PART_FIELDS = ("only_here", "region", "region_paint", "feather_px", "keep_detail")


class PartFields(forms.Form):
    """On the page ``only_here`` is a switch; ``region`` is a box, ``region_paint`` a painted shape,
    ``feather_px`` how soft its edge is."""

    only_here = forms.BooleanField(required=False)
    region = forms.CharField(required=False)
    region_paint = forms.CharField(required=False)
    feather_px = ExactInteger(least=0, most=SOFTEST_PX, name=_("The soft edge"))
    keep_detail: forms.Field = forms.BooleanField(required=False)

    spec: ModelSpec
    shrinks: bool

    def whole_source(self) -> Source:
        """The picture that was chosen, all of it.  Valid forms only."""
        raise NotImplementedError

    def wants_region(self) -> bool:
        """Whether only a part of the picture is to be sent."""
        return bool(self.cleaned_data.get("only_here"))

    def keeps_detail(self) -> bool:
        """Whether what the model changes is to be put into the original."""
        return self.cleaned_data.get("keep_detail") in (True, "true")

    def region_of(self, source: Source) -> tuple[Box | None, bytes]:
        """The region as a box and as a painted shape.  Raises ValidationError."""
        values = self.cleaned_data
        return read_box(values.get("region", "")), paint_in(values.get("region_paint", ""))

    def clean_part(self) -> None:
        """Make the part around the region, which is sent instead of the whole picture."""
        if not self.wants_region():
            return
        source, values = self.to_source(), self.cleaned_data
        try:
            box, paint = self.region_of(source)
            values["made"], values["region_mask"] = only_region(
                source,
                box=box,
                paint=paint,
                spec=self.spec,
                feather_px=values.get("feather_px"),
                fit=self.shrinks,
            )
        except ValidationError as error:
            self.add_error("region", error)

    def to_source(self) -> Source:
        """The picture to edit, or the part of it that is sent; made once.  Valid forms only."""
        values = self.cleaned_data
        if "made" not in values:
            whole = self.whole_source()
            values["made"] = with_kept_detail(whole) if self.keeps_detail() else whole
        source: Source = values["made"]
        return source

    def to_mask(self) -> CheckedImage | None:
        """The region for a model that takes a mask.  Valid forms only."""
        return self.cleaned_data.get("region_mask")

    def said_of_part(self) -> list[str]:
        """What is to become of the picture, as far as anything but an edit of all of it.  Valid forms only."""
        source = self.to_source()
        said = [repr(source.region)] if source.region else []
        said += [source.paint.sha256] if source.paint else []
        return said + (["keep_detail"] if source.keeps_detail else [])
