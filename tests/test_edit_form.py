"""What the form of an edit lets in, limit by limit; the pictures themselves are tested with edits.images."""

import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.utils.datastructures import MultiValueDict

from edits.forms.edit_form import EditForm, readable_name
from edits.model_specs import MAX_SEED
from edits.models import EditRequest, ProviderModel, Status, Upload, User
from tests.factories import edit_of, filtered_edit_of, finished_edit_of, result_of
from tests.pictures import animation, cut, photo, png_bomb
from tests.stored import stored

FAMILY = "👨‍👩‍👧‍👦"  # 7 code points
PHOTO = photo()
Files = MultiValueDict[str, UploadedFile]


def files(*contents: bytes) -> Files:
    """What a browser sends along."""
    return MultiValueDict({"image": [SimpleUploadedFile("photo.jpg", content) for content in contents]})


def form(
    owner: User, *, file: bytes | None = PHOTO, name: str = "photo.jpg", lenient: bool = True, **values: Any
) -> EditForm:
    """A form with a picture and a prompt, and what the test changes about it."""
    sent: Files = MultiValueDict()
    if file is not None:
        sent.appendlist("image", SimpleUploadedFile(name, file))
    return EditForm({"prompt": "sepia"} | values, sent, owner=owner, lenient=lenient)


def errors(made: EditForm) -> dict[str, list[str]]:
    made.is_valid()
    return {name: [str(words) for words in listed] for name, listed in made.errors.items()}


def only_error(made: EditForm, field: str) -> str:
    """The one sentence next to the field, and none elsewhere."""
    found = errors(made)
    assert list(found) == [field]
    assert len(found[field]) == 1
    return found[field][0]


# --- Prompt -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "prompt", ["", " ", "\t\r\n ", "\u3000", "\u00a0\u3000\n", "\u200b", "\ufeff", "\u200b\u200d \u2060"]
)
def test_a_blank_prompt_is_refused(alice: User, prompt: str) -> None:
    assert only_error(form(alice, prompt=prompt), "prompt") == "Write what should change in the picture."


def test_a_missing_prompt_is_refused(alice: User) -> None:
    made = EditForm({}, files(PHOTO), owner=alice)
    assert "prompt" in errors(made)


@pytest.mark.parametrize(
    "prompt",
    ["x" * 512, "🎈" * 512, "猫" * 512, "e\u0301" * 256, FAMILY * 73 + "x", "\u202eabc", "مرحبا", "x\x07y",
     "<b>{{7*7}}</b> %s '; DROP TABLE x; --", "=cmd|'/C calc'!A0", "one\nINFO all is well"],
)  # fmt: skip
def test_a_prompt_is_taken_as_it_is(alice: User, prompt: str) -> None:
    made = form(alice, prompt=prompt)
    assert made.is_valid(), made.errors
    assert made.to_options().prompt == prompt


@pytest.mark.parametrize(
    ("prompt", "length"), [("x" * 513, 513), ("🎈" * 513, 513), ("e\u0301" * 257, 514), (FAMILY * 74, 518)]
)
def test_a_longer_prompt_is_refused_with_both_numbers_and_never_cut(
    alice: User, prompt: str, length: int
) -> None:
    words = only_error(form(alice, prompt=prompt), "prompt")
    assert f"{length} characters" in words
    assert "512" in words


def test_space_around_the_prompt_does_not_count(alice: User) -> None:
    made = form(alice, prompt="  " + "x" * 512 + " \n")
    assert made.is_valid()
    assert made.to_options().prompt == "x" * 512


def test_line_ends_count_once(alice: User) -> None:
    typed = "x\r\n" * 255 + "xx"
    assert len(typed) == 767
    made = form(alice, prompt=typed)
    assert made.is_valid()
    assert made.to_options().prompt == "x\n" * 255 + "xx"
    assert "513" in only_error(form(alice, prompt=typed + "x"), "prompt")


def test_an_old_line_end_becomes_a_new_one(alice: User) -> None:
    made = form(alice, prompt="a\rb")
    assert made.is_valid()
    assert made.to_options().prompt == "a\nb"


@pytest.mark.parametrize("prompt", ["nul\x00", "lone \ud83c surrogate"])
def test_what_a_database_cannot_store_is_refused(alice: User, prompt: str) -> None:
    assert "cannot be stored" in only_error(form(alice, prompt=prompt), "prompt")


def test_the_page_carries_no_maxlength(alice: User) -> None:
    assert "maxlength" not in str(EditForm(owner=alice)["prompt"])


# --- Seed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "seed"),
    [("", None), ("0", None), (" ", None), ("1", 1), ("2147483647", MAX_SEED), (" 7 ", 7), ("+7", 7), ("007", 7),
     ("1\u202f284\u202f663\u202f019", 1_284_663_019)],
)  # fmt: skip
def test_a_seed_is_taken(alice: User, typed: str, seed: int | None) -> None:
    made = form(alice, seed=typed)
    assert made.is_valid(), made.errors
    assert made.to_options().seed == seed


@pytest.mark.parametrize(
    "typed",
    ["-1", "2147483648", "4294967295", "9223372036854775808", "9" * 400, "9" * 5000, "0" * 5000 + "9" * 11, "1.5",
     "7.0", "1e3", "NaN", "inf", "true", "0x10", "abc", "1_000", "٧", "1 2"],
)  # fmt: skip
def test_a_seed_that_is_none_is_refused(alice: User, typed: str) -> None:
    words = only_error(form(alice, seed=typed), "seed")
    assert "2,147,483,647" in words
    assert len(words) < 200


# --- Steps, guidance, size -------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "steps"), [("1", 1), ("28", 28), ("100", 100), ("", 28)])
def test_steps_within_the_limits_are_taken(alice: User, typed: str, steps: int) -> None:
    made = form(alice, steps=typed)
    assert made.is_valid()
    assert made.to_options().steps == steps


@pytest.mark.parametrize("typed", ["0", "101", "-1", "28.5", "1e1", "abc", "NaN", "9" * 5000])
def test_steps_beyond_the_limits_are_refused(alice: User, typed: str) -> None:
    words = only_error(form(alice, steps=typed), "steps")
    assert "from 1 to 100" in words


@pytest.mark.parametrize(
    ("typed", "strength"),
    [("1", 1.0), ("1.0", 1.0), ("7.5", 7.5), ("10", 10.0), ("10.0", 10.0), ("", 6.0), ("7,5", 7.5)],
)
def test_a_strength_within_the_limits_is_taken(alice: User, typed: str, strength: float) -> None:
    made = form(alice, cfg_scale=typed)
    assert made.is_valid()
    assert made.to_options().cfg_scale == strength


@pytest.mark.parametrize(
    "typed",
    ["0.99", "0.9999999", "10.01", "10.0000001", "0", "-1", "NaN", "nan", "inf", "-inf", "1e400", "1e-400", "0x5",
     "abc", "7,5,0", "1_0", "٧"],
)  # fmt: skip
def test_a_strength_beyond_the_limits_is_refused(alice: User, typed: str) -> None:
    assert "from 1 to 10" in only_error(form(alice, cfg_scale=typed), "cfg_scale")


def test_a_program_has_to_write_a_decimal_point(alice: User) -> None:
    assert "7,5" in only_error(form(alice, cfg_scale="7,5", lenient=False), "cfg_scale")


@pytest.mark.parametrize("size", ["512x512", "768x768", "1024x1024"])
def test_the_three_sizes_are_taken(alice: User, size: str) -> None:
    made = form(alice, size=size)
    assert made.is_valid()
    assert made.to_options().size == size


def test_no_size_means_the_default(alice: User) -> None:
    made = form(alice)
    assert made.is_valid()
    assert made.to_options().size == "512x512"


@pytest.mark.parametrize("size", ["auto", "512X512", "512×512", "1024x768", "1024x1536", "512", "9" * 5000])
def test_another_size_is_refused_and_told_which_three_exist(alice: User, size: str) -> None:
    words = only_error(form(alice, size=size), "size")
    assert "512x512, 768x768 or 1024x1024" in words
    assert len(words) < 200


def test_a_model_without_sizes_wants_none(alice: User) -> None:
    second = ProviderModel.objects.get(name="step-image-edit-2")
    made = EditForm({"prompt": "sepia"}, files(PHOTO), owner=alice, target=second)
    assert made.is_valid()
    assert (made.to_options().size, made.to_options().steps) == ("", 8)
    assert "size" in errors(
        EditForm({"prompt": "x", "size": "512x512"}, files(PHOTO), owner=alice, target=second)
    )


# --- Picture ----------------------------------------------------------------------------------------------


def test_a_picture_is_made_ready_to_send(alice: User) -> None:
    made = form(alice, file=photo(width=2000, height=1500), name="IMG_4471.jpg")
    assert made.is_valid()
    source = made.to_source()
    assert (source.name, source.width_px, source.height_px) == ("IMG_4471.jpg", 2000, 1500)
    assert source.picture.width_px * source.picture.height_px <= 1024 * 1024


def test_without_a_picture_there_is_nothing_to_edit(alice: User) -> None:
    assert only_error(form(alice, file=None), "image") == "Add a picture."


def test_a_picture_as_text_is_none(alice: User) -> None:
    assert only_error(form(alice, file=None, image="cat.jpg"), "image") == "Add a picture."


def test_two_pictures_are_one_too_many(alice: User) -> None:
    assert "single" in only_error(EditForm({"prompt": "sepia"}, files(PHOTO, PHOTO), owner=alice), "image")


@pytest.mark.parametrize(
    ("file", "name"),
    [(b"", "a.jpg"), (b"\xff", "a.jpg"), (cut(PHOTO, percent=50), "a.jpg"), (b"<svg/>", "a.svg"),
     (b"<html>", "a.png"), (png_bomb(), "a.png"), (photo(width=63, height=63), "a.jpg"),
     (animation(format="WEBP"), "a.webp")],
    ids=["empty", "one byte", "cut", "svg", "html", "bomb", "too small", "animated"],
)  # fmt: skip
def test_a_file_that_cannot_be_sent_is_refused_with_a_sentence(alice: User, file: bytes, name: str) -> None:
    words = only_error(form(alice, file=file, name=name, lenient=False), "image")
    assert words.endswith(".")
    assert not Upload.objects.exists()


def test_a_wrong_ratio_comes_with_ways_out_and_either_is_taken(alice: User) -> None:
    wide = photo(width=400, height=100)
    made = form(alice, file=wide)
    assert "3:1" in only_error(made, "image")
    assert [offer.shape for offer in made.offers] == ["crop", "pad"]
    cropped, padded = form(alice, file=wide, shape="crop"), form(alice, file=wide, shape="pad")
    assert cropped.is_valid()
    assert padded.is_valid()
    assert (cropped.to_source().picture.width_px, cropped.to_source().picture.height_px) == (300, 100)
    assert padded.to_source().picture.width_px == 400


def test_an_unknown_shape_changes_nothing(alice: User) -> None:
    assert form(alice, shape="stretch").is_valid()
    assert "image" in errors(form(alice, file=photo(width=400, height=100), shape="stretch"))


def test_the_page_takes_what_the_api_refuses(alice: User) -> None:
    gif = photo(format="GIF", mode="P")
    assert form(alice, file=gif, name="a.gif").is_valid()
    assert "image" in errors(form(alice, file=gif, name="a.gif", lenient=False))


@pytest.mark.parametrize(
    ("name", "shown"),
    [("IMG 1.jpg", "IMG 1.jpg"), ("", "picture"), ("\u202egpj.exe", "gpj.exe"), ("a\x00b.jpg", "ab.jpg"),
     ("x" * 300, "x" * 255), ("<script>.jpg", "<script>.jpg"), ("\n\t", "picture"), (".jpg", ".jpg")],
)  # fmt: skip
def test_a_name_is_kept_as_it_may_be_shown(name: str, shown: str) -> None:
    assert readable_name(name) == shown


# --- Pictures by reference --------------------------------------------------------------------------------


def test_the_source_of_an_own_edit_is_used_again_without_an_upload(alice: User) -> None:
    edit = edit_of(alice)
    made = form(alice, file=None, source=f"source:{edit.public_id}")
    assert made.is_valid(), made.errors
    assert made.to_source().picture == edit.upload


def test_an_own_result_becomes_a_source_and_the_edit_its_parent(alice: User) -> None:
    edit = finished_edit_of(alice, source_name="harbor.png")
    made = form(alice, file=None, source=f"result:{edit.public_id}")
    assert made.is_valid(), made.errors
    source = made.to_source()
    assert (source.parent, source.name) == (edit, "harbor.png · edited")
    assert (source.width_px, source.height_px) == (edit.result.width_px, edit.result.height_px)


def test_a_chain_does_not_lengthen_the_name(alice: User) -> None:
    edit = finished_edit_of(alice, source_name="harbor.png · edited")
    made = form(alice, file=None, source=f"result:{edit.public_id}")
    assert made.is_valid()
    assert made.to_source().name == "harbor.png · edited"


def test_a_colleagues_shared_result_may_be_edited(alice: User, bob: User) -> None:
    edit = finished_edit_of(alice, shared=True, source_name="jane-passport.png")
    made = form(bob, file=None, source=f"result:{edit.public_id}")
    assert (made.is_valid(), made.to_source().name) == (True, "picture · edited")  # nor is its name shared


def test_a_colleagues_source_only_if_it_was_shared_too(alice: User, bob: User) -> None:
    hidden = finished_edit_of(alice, shared=True)
    shown = finished_edit_of(alice, shared=True, source_is_shared=True)
    assert "source" in errors(form(bob, file=None, source=f"source:{hidden.public_id}"))
    assert form(bob, file=None, source=f"source:{shown.public_id}").is_valid()


@pytest.mark.parametrize("kind", ["source", "result"])
def test_a_private_edit_gives_nothing_to_anybody_else(alice: User, bob: User, root: User, kind: str) -> None:
    edit = finished_edit_of(alice)
    unknown = errors(form(bob, file=None, source=f"{kind}:{uuid.uuid4()}"))
    for person in (bob, root):
        assert errors(form(person, file=None, source=f"{kind}:{edit.public_id}")) == unknown


def test_a_withheld_picture_can_never_be_a_source(alice: User) -> None:
    edit = filtered_edit_of(alice)
    assert "source" in errors(form(alice, file=None, source=f"result:{edit.public_id}"))
    odd = edit_of(alice, status=Status.SUCCEEDED)
    result_of(odd, withheld=True)
    assert "source" in errors(form(alice, file=None, source=f"result:{odd.public_id}"))


def test_a_result_whose_file_is_gone_is_refused_with_a_sentence(alice: User) -> None:
    edit = finished_edit_of(alice)
    edit.result.file.delete(save=False)
    words = only_error(form(alice, file=None, source=f"result:{edit.public_id}"), "source")
    assert "Choose another one" in words


@pytest.mark.parametrize("sample", ["cat", "coffee", "rocket"])
def test_a_sample_needs_no_upload(alice: User, sample: str) -> None:
    made = form(alice, file=None, source=f"sample:{sample}")
    assert made.is_valid(), made.errors
    assert made.to_source().name == f"{sample}.jpg"


@pytest.mark.parametrize(
    "reference", ["sample:../secret_key", "sample:dog", "source:1", "file:///etc", "x", "result:"]
)
def test_a_made_up_reference_is_refused(alice: User, reference: str) -> None:
    assert "source" in errors(form(alice, file=None, source=reference))


def test_a_file_that_was_chosen_later_counts_more_than_a_reference(alice: User) -> None:
    made = form(alice, source=f"source:{uuid.uuid4()}")
    assert made.is_valid(), made.errors
    assert made.to_source().name == "photo.jpg"


# --- One click, one edit ----------------------------------------------------------------------------------


def key_of(made: EditForm) -> uuid.UUID:
    assert made.is_valid(), made.errors
    return made.to_key()


def test_the_same_form_sent_twice_has_one_key(alice: User) -> None:
    key = str(uuid.uuid4())
    assert key_of(form(alice, submission_key=key)) == key_of(form(alice, submission_key=key))


@pytest.mark.parametrize(
    "change", [{"prompt": "blur it"}, {"seed": "5"}, {"steps": "5"}, {"cfg_scale": "5"}, {"size": "768x768"},
               {"file": photo(seed=3)}]
)  # fmt: skip
def test_a_form_that_was_gone_back_to_and_changed_is_another_edit(
    alice: User, change: dict[str, Any]
) -> None:
    key = str(uuid.uuid4())
    assert key_of(form(alice, submission_key=key)) != key_of(form(alice, submission_key=key, **change))


def test_two_forms_have_two_keys_although_they_say_the_same(alice: User) -> None:
    first, second = (form(alice, submission_key=str(uuid.uuid4())) for _ in range(2))
    assert key_of(first) != key_of(second)


@pytest.mark.parametrize("key", ["", "no key", "0" * 5000])
def test_a_form_without_a_key_is_an_edit_of_its_own(alice: User, key: str) -> None:
    assert key_of(form(alice, submission_key=key)) != key_of(form(alice, submission_key=key))


def test_checking_a_form_stores_nothing(alice: User) -> None:
    assert form(alice).is_valid()
    assert not EditRequest.objects.exists()
    assert not Upload.objects.exists()
    assert stored() == []
