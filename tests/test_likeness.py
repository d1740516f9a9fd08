"""Edits of the same source picture, and of similar ones, within what one may see."""

from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from PIL import Image, ImageEnhance

from edits.images import BadImage
from edits.images.likeness import likeness
from edits.models import LIKENESS, UNREADABLE, Upload, User
from edits.models.similar_uploads import alike
from edits.services.pictures.likeness import keep_likeness
from tests.conftest import signed_in
from tests.editors import LEASE
from tests.factories import finished_edit_of, upload_of
from tests.query_plans import plans
from tests.test_search import NOW, index_all, shown

SIZE = (320, 213)


def painted(*, turned: bool = False) -> Image.Image:
    """A picture with lights and shadows."""
    image = Image.effect_mandelbrot(SIZE, (-2.2, -1.2, 1.0, 1.2), 40).convert("RGB")
    return image.transpose(Image.Transpose.ROTATE_180) if turned else image


def saved(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    """The picture's bytes."""
    stream = BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def bits_between(one: bytes, other: bytes) -> int:
    """In how many of 64 bits two pictures differ."""
    return sum((mine ^ its).bit_count() for mine, its in zip(likeness(one), likeness(other), strict=True))


class TestLikeness:
    @pytest.mark.parametrize(
        "changed",
        [
            saved(painted(), "JPEG", quality=60),
            saved(painted(), "WEBP", quality=50),
            saved(painted().resize((160, 106), Image.Resampling.LANCZOS)),
            saved(ImageEnhance.Brightness(painted()).enhance(1.15)),
        ],
    )
    def test_it_stays_when_a_picture_is_saved_again_scaled_or_brightened(self, changed: bytes) -> None:
        assert bits_between(saved(painted()), changed) <= 5

    def test_another_picture_has_another(self) -> None:
        assert bits_between(saved(painted()), saved(painted(turned=True))) > 16

    def test_it_has_four_parts_of_sixteen_bits(self) -> None:
        parts = likeness(saved(painted()))
        assert len(parts) == len(LIKENESS)
        assert all(0 <= part < 2**16 for part in parts)

    def test_what_is_no_picture_has_none(self) -> None:
        with pytest.raises(BadImage):
            likeness(b"no picture")


def source(*parts: int, width_px: int = 96) -> Upload:
    """An upload with this likeness."""
    upload = upload_of()
    fields = dict(zip(LIKENESS, parts, strict=True))
    Upload.objects.filter(pk=upload.pk).update(**fields, width_px=width_px)
    upload.refresh_from_db()
    return upload


@pytest.mark.usefixtures("db")
class TestAlike:
    def test_those_that_differ_in_few_bits_are_found_the_most_alike_first(self) -> None:
        one, near, same = source(1, 2, 3, 4), source(1, 2, 3, 7), source(1, 2, 3, 4)
        source(1, 0xFFFF, 3, 4)
        source(1, 2, 3, 4, width_px=120)
        assert alike(one) == [same.pk, near.pk]

    def test_what_has_no_likeness_is_like_nothing(self) -> None:
        source(UNREADABLE, 0, 0, 0)
        assert alike(source(UNREADABLE, 0, 0, 0)) == alike(upload_of()) == []

    def test_they_are_found_by_indexes(self) -> None:
        one = source(1, 2, 3, 4)
        with plans() as found:
            alike(one)
        assert all(f"upload_{column}" in found[-1] for column in LIKENESS), found[-1]

    def test_a_worker_looks_at_sources_with_a_thumbnail(self) -> None:
        upload, undrawn = upload_of(saved(painted())), upload_of()
        gone = upload_of()
        Upload.objects.filter(pk=upload.pk).update(thumb_320=upload.file)
        Upload.objects.filter(pk=gone.pk).update(thumb_320="uploads/no/where/320.webp")
        assert keep_likeness(lease=LEASE, now=NOW) == 2
        assert keep_likeness(lease=LEASE, now=NOW) == 0
        for row in (upload, undrawn, gone):
            row.refresh_from_db()
        assert tuple(getattr(upload, column) for column in LIKENESS) == likeness(saved(painted()))
        assert (undrawn.likeness_0, gone.likeness_0) == (None, UNREADABLE)

    def test_those_without_are_found_by_an_index(self) -> None:
        with plans() as found:
            keep_likeness(lease=LEASE, now=NOW)
        assert "upload_without_likeness" in found[0], found[0]


class TestEditsOfAPicture:
    @pytest.mark.parametrize("is_indexed", [True, False])
    def test_all_of_ones_own_are_found(self, alice: User, is_indexed: bool) -> None:
        one, near = source(1, 2, 3, 4), source(1, 2, 3, 5)
        first = finished_edit_of(alice, prompt="first", upload=one)
        finished_edit_of(alice, prompt="second", upload=one)
        finished_edit_of(alice, prompt="similar", upload=near)
        finished_edit_of(alice, prompt="other")
        if is_indexed:
            index_all()
        assert shown(f"picture={first.public_id}", alice) == ["second", "first"]
        assert shown(f"q=picture:{first.public_id}+second", alice) == ["second"]
        assert shown(f"like={first.public_id}", alice) == ["similar", "second", "first"]

    @pytest.mark.parametrize("is_indexed", [True, False])
    def test_those_of_its_regions_are_found(self, alice: User, is_indexed: bool) -> None:
        whole, sent, near = source(1, 2, 3, 4), source(9, 9, 9, 9), source(1, 2, 3, 5)
        whole_edit = finished_edit_of(alice, prompt="whole", upload=sent, original=whole)
        region = finished_edit_of(alice, prompt="region", upload=source(7, 7, 7, 7), original=whole)
        finished_edit_of(alice, prompt="small", upload=whole)
        finished_edit_of(alice, prompt="similar", upload=near)
        if is_indexed:
            index_all()
        for edit in (whole_edit, region):
            assert shown(f"picture={edit.public_id}", alice) == ["small", "region", "whole"]
            assert shown(f"like={edit.public_id}", alice) == ["similar", "small", "region", "whole"]

    @pytest.mark.parametrize("is_indexed", [True, False])
    def test_no_source_that_one_may_not_see_is_told_by_it(
        self, alice: User, bob: User, root: User, is_indexed: bool
    ) -> None:
        one = source(1, 2, 3, 4)
        hidden = finished_edit_of(alice, prompt="hidden", upload=one, shared=True)
        private = finished_edit_of(alice, prompt="private", upload=one)
        own = finished_edit_of(bob, prompt="own", upload=one, shared=True)
        finished_edit_of(alice, prompt="open", upload=one, shared=True, source_is_shared=True)
        if is_indexed:
            index_all()
        for kind in ("picture", "like"):
            for edit in (hidden, private):
                for person in (bob, root):
                    assert shown(f"{kind}={edit.public_id}", person) == []
                    assert shown(f"{kind}={edit.public_id}", person, of_team=True) == []
            assert shown(f"{kind}={own.public_id}", bob, of_team=True) == ["open", "own"]

    def test_the_info_panel_leads_to_them_for_those_who_see_the_source(self, alice: User, bob: User) -> None:
        edit = finished_edit_of(alice, shared=True)
        address = reverse("edits:viewer", args=[edit.public_id])
        link = f"?picture={edit.public_id}"
        assert f"/history/{link}" in signed_in(alice).get(address).content.decode()
        assert link not in signed_in(bob).get(address).content.decode()
        listed = signed_in(alice).get(f"/history/{link}")
        assert listed.status_code == 200
        assert 'aria-current="true"' in listed.content.decode()
