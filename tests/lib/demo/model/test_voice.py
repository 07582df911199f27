"""Every tone preset of the form has a voice of the demo model, in both languages."""

from __future__ import annotations

import pytest

from lib.demo.model.reading import phrases
from lib.i18n.words import sections

PRESETS = sections()["tone"]


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_has_a_voice_in_both_languages(preset: str) -> None:
    voice = phrases()["presets"][preset]
    assert voice in phrases()["ko"]
    assert voice in phrases()["en"]


def test_no_voice_is_listed_for_a_preset_that_is_gone() -> None:
    assert phrases()["presets"].keys() == PRESETS.keys()
