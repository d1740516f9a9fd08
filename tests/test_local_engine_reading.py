"""How the practice engine reads a prompt."""

import pytest

from edits.local_engine.instructions import BY_NAME, INSTRUCTIONS, Instruction
from edits.local_engine.reading import read_prompt


def names(prompt: str) -> list[str]:
    return [step.instruction.name for step in read_prompt(prompt)]


@pytest.mark.parametrize("instruction", INSTRUCTIONS, ids=lambda instruction: instruction.name)
def test_each_instruction_is_named_by_its_own_example_and_no_other_is(instruction: Instruction) -> None:
    assert names(instruction.example) == [instruction.name]


@pytest.mark.parametrize("instruction", INSTRUCTIONS, ids=lambda instruction: instruction.name)
def test_each_example_can_be_forbidden(instruction: Instruction) -> None:
    assert names(f"do not {instruction.example}") == []


def test_names_are_unique_and_opposites_exist() -> None:
    assert len(BY_NAME) == len(INSTRUCTIONS) >= 24
    opposites = [row.opposite for row in INSTRUCTIONS if row.opposite]
    assert set(opposites) <= set(BY_NAME)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("warm, grainy, with vignette", {"warmer", "grain", "vignette"}),
        ("turn it black and white, add film grain", {"black and white", "grain"}),
        ("make it a bold cartoon, keep the whiskers", {"cartoon"}),
        ("Make it WARMER", {"warmer"}),
        ("a pencil drawing on old paper with a black frame", {"sketch", "border"}),
        ("mirror it and rotate it to the left", {"mirror", "rotate left"}),
        ("变成黑白，加颗粒", {"black and white", "grain"}),
        ("schwarz-weiß, etwas heller", {"black and white", "brighter"}),
        ("remove the colors", {"black and white"}),
        ("dark corners", {"vignette"}),
        ("soft light", {"soft glow"}),
        ("turn 90 degrees clockwise", {"rotate right"}),
        ("rotate it by 180°", {"upside down"}),
    ],
)
def test_it_finds_every_instruction_of_a_prompt(prompt: str, expected: set[str]) -> None:
    assert set(names(prompt)) == expected


@pytest.mark.parametrize(
    "prompt",
    [
        "Turn the cat into a British Shorthair.",
        "put a hat on her",
        "戴一顶帽子",
        "turn the car right now into a truck",
        "rotate it by 45 degrees",
        "the woman in the mirror",
        "zoom out",
        "a light breeze",
        "in a darkroom",
        "paint a mustache on him",
        "\x00",
        "",
    ],
)
def test_it_does_not_find_what_is_not_there(prompt: str) -> None:
    assert names(prompt) == []


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("no grain", []),
        ("warm, no grain", ["warmer"]),
        ("warm without grain or vignette", ["warmer"]),
        ("not darker, brighter", ["brighter"]),
        ("don’t blur it but sharpen it", ["sharpen"]),
        ("do not make it a sketch", []),
        ("keep the frame", []),
        ("keep it warm", ["warmer"]),
        ("不要颗粒，黑白", ["black and white"]),
        ("kein Rahmen, wärmer", ["warmer"]),
    ],
)
def test_what_is_forbidden_is_left_out_up_to_the_end_of_the_clause(prompt: str, expected: list[str]) -> None:
    assert names(prompt) == expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("less contrast", ["less contrast"]),
        ("too dark", ["brighter"]),
        ("it is too blurry", ["sharpen"]),
        ("remove the blur", ["sharpen"]),
        ("less warm", ["cooler"]),
        ("reduce the saturation", ["muted"]),
        ("too much grain", []),
        ("less vignette", []),
    ],
)
def test_less_of_something_is_its_opposite_or_nothing(prompt: str, expected: list[str]) -> None:
    assert names(prompt) == expected


def test_shapes_come_first_and_the_caption_last_whatever_the_order_of_the_words() -> None:
    prompt = 'caption "Hi", add a border, film grain, sepia, a pencil sketch, mirror it'
    assert names(prompt) == ["mirror", "sketch", "sepia", "grain", "border", "caption"]


def test_within_a_stage_the_order_of_the_words_decides() -> None:
    assert names("rotate left, mirror it") == ["rotate left", "mirror"]
    assert names("mirror it, rotate left") == ["mirror", "rotate left"]


def test_an_instruction_named_twice_is_followed_once() -> None:
    assert names("warm, warmer, really warm") == ["warmer"]


@pytest.mark.parametrize(
    ("prompt", "weight"),
    [
        ("warm", 1.0),
        ("slightly warm", 0.5),
        ("a bit warmer", 0.5),
        ("very warm", 1.5),
        ("slightly blurred, warm", 1.0),
    ],
)
def test_adverbs_weigh_the_instruction_that_follows_them(prompt: str, weight: float) -> None:
    warm = next(step for step in read_prompt(prompt) if step.instruction.name == "warmer")
    assert warm.weight == weight


@pytest.mark.parametrize(
    "prompt",
    [
        'caption "It is a dark night"',
        "caption “It is a dark night”",
        "caption 'It is a dark night'",
        "add the text: «It is a dark night»",
        '写上"It is a dark night"',
    ],
)
def test_quoted_words_are_the_caption_and_not_instructions(prompt: str) -> None:
    steps = read_prompt(prompt)
    assert [step.instruction.name for step in steps] == ["caption"]
    assert list(steps[0].words.values()) == ["It is a dark night"]


def test_an_apostrophe_does_not_end_a_caption() -> None:
    assert list(read_prompt("caption 'Don't worry'")[0].words.values()) == ["Don't worry"]
    assert list(read_prompt('caption "Don\'t worry"')[0].words.values()) == ["Don't worry"]


def test_a_colored_frame_does_not_tint_the_picture() -> None:
    steps = read_prompt("add a red frame")
    assert [step.instruction.name for step in steps] == ["border"]
    assert steps[0].words == {"frame_color": "red"}


def test_a_dark_blue_tint_is_one_instruction() -> None:
    steps = read_prompt("a dark blue tint")
    assert [(step.instruction.name, step.words) for step in steps] == [("tint", {"color": "blue"})]


def test_a_duotone_takes_its_two_colors() -> None:
    steps = read_prompt("duotone in purple and orange")
    assert [(step.instruction.name, step.words) for step in steps] == [
        ("duotone", {"first": "purple", "second": "orange"})
    ]
