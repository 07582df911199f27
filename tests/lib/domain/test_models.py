"""A demo model is told from a real one by its name."""

from __future__ import annotations

import pytest

from lib.domain.models import is_demo


@pytest.mark.parametrize("name", ["demo", "demo-slow", "demo-refused"])
def test_the_demo_model_and_its_behaviours_are_demo_models(name: str) -> None:
    assert is_demo(name)


@pytest.mark.parametrize("name", ["gpt-6-luna", "demographic-1", "Demo", "", "my-demo"])
def test_other_names_are_those_of_real_models(name: str) -> None:
    assert not is_demo(name)
