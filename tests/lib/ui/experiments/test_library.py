"""Prompts are saved in versions, made the default, and given up again."""

from __future__ import annotations

from lib.experiments import prompts
from lib.store.experiments import prompts as prompt_store
from lib.studio import Studio
from tests.lib.ui.experiments.conftest import OpenPage


def test_a_prompt_is_saved_made_the_default_and_given_up(open_experiments: OpenPage, studio: Studio) -> None:
    page = open_experiments(view="prompts")
    page.press("save_prompt")
    assert "비어 있어요" in page.told()
    page.fill(prompt_name="질문형", prompt_text="질문으로 시작해 주세요.").press("save_prompt")
    with studio.database.tenant("acme") as db:
        [prompt] = prompt_store.newest(db, "acme")
    page.press(f"save_version_{prompt.prompt_id}")
    page.press(f"make_default_{prompt.prompt_id}_1")
    assert prompts.default_text(studio, "acme") == "질문으로 시작해 주세요."
    page.press("product_default")
    assert prompts.default_text(studio, "acme") is None
    assert "기본 지시로 되돌렸어요" in page.told()
    assert "질문으로" not in open_experiments(view="prompts", tenant_id="globex").told()
