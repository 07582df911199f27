"""The prompt library: versions, the default, and the way back."""

from __future__ import annotations

import pytest

from lib.domain import errors
from lib.experiments import prompts
from lib.store.experiments import prompts as prompt_store
from lib.studio import Studio


def test_the_default_can_be_taken_back(studio: Studio) -> None:
    saved = prompts.save(studio, "acme", "질문형", "질문으로 시작", person="민지")
    prompts.make_default(studio, "acme", saved.prompt_id, saved.version, person="민지")
    second = prompts.save(studio, "acme", "질문형", "질문 둘", prompt_id=saved.prompt_id, person="하나")
    assert second.version == 2
    assert prompts.default_text(studio, "acme") == "질문으로 시작"
    prompts.make_default(studio, "acme", None, None, person="하나")
    assert prompts.default_text(studio, "acme") is None
    with studio.database.tenant("acme") as db:
        assert [each.number for each in prompt_store.defaults(db, "acme")] == [2, 1]
    with pytest.raises(errors.PromptNotFound):
        prompts.make_default(studio, "globex", saved.prompt_id, 1, person=None)


@pytest.mark.parametrize(
    ("name", "text", "field"),
    [("", "글", "prompt_name"), ("이름", " ", "gpt_prompt"), ("이름", "가" * 2_001, "gpt_prompt")],
)
def test_a_prompt_without_name_or_text_is_refused(studio: Studio, name: str, text: str, field: str) -> None:
    with pytest.raises(errors.InvalidExperiment) as refused:
        prompts.save(studio, "acme", name, text, person=None)
    assert [problem.field for problem in refused.value.problems] == [field]
