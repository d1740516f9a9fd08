"""The lists of sentences for translators hold all that presets and specs say, and nothing else."""

import ast
from pathlib import Path

from edits import model_specs
from edits.forms.provider_words import GOOD_AT, PRESET_WORDS, SPEC_SENTENCES
from edits.model_specs import MODEL_SPECS
from edits.providers.presets import PRESETS

PRODUCTS = {"StepFun", "OpenAI", "vLLM-Omni", "SGLang", "stable-diffusion.cpp", "Xinference", "LiteLLM"}
"""Names that are the same in every language."""


def test_all_that_presets_say_is_listed() -> None:
    said = {words for preset in PRESETS.values() for words in (preset.title, preset.runs_on, preset.note)}
    assert said - PRODUCTS - {""} == set(PRESET_WORDS)


def test_what_each_known_model_is_good_at_is_listed() -> None:
    specs = [model.spec for preset in PRESETS.values() for model in preset.models]
    assert {spec.good_at for spec in [*specs, *MODEL_SPECS.values()]} == set(GOOD_AT)


def test_every_error_of_a_spec_is_listed() -> None:
    tree = ast.parse(Path(model_specs.__file__).read_text(encoding="utf-8"))
    raised = [
        node.args[1]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "BadSpec"
    ]
    assert raised
    assert {sentence.value for sentence in raised if isinstance(sentence, ast.Constant)} == set(
        SPEC_SENTENCES
    )
    assert all(isinstance(sentence, ast.Constant) for sentence in raised)
