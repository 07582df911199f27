"""The bodies of requests and responses, described once for validation and for the OpenAPI document."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import to_json

from lib.domain.brief import (
    DEFAULT_MAX_TOKENS,
    MAX_CHARS,
    MAX_TEMPERATURE,
    MAX_TOKENS,
    MIN_TOKENS,
    UNSTORABLE,
    Brief,
    GenerationOptions,
    Language,
    Sponsorship,
)
from lib.domain.cursor import Cursor
from lib.domain.errors import Problem
from lib.domain.feed_filter import Status
from lib.feeds import answer, checking
from lib.i18n import words
from lib.store.feed_listing import KeptFeed
from lib.store.feed_states import State
from lib.store.feeds import Feed

_TENANT = Annotated[str, Field(min_length=1, max_length=MAX_CHARS["tenant_id"])]


class Body(BaseModel):
    """What a program sends, without characters that nothing can store, such as half an emoji of a text cut short."""

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, body: Any) -> Any:
        if not isinstance(body, dict):
            return body
        return {_storable_text(name): _storable_text(value) for name, value in body.items()}


def _storable_text(value: Any) -> Any:
    return UNSTORABLE.sub("", value) if isinstance(value, str) else value


class NewCaption(Body):
    """A brief, the options of its caption, and the job and overlay that it belongs to. null means left out."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "refined_ad_copy_eng": "Slow mornings, warm bread.",
                "tone_style": "따뜻하고 친근하게",
                "product_description": "저온에서 하루 숙성한 통밀 식빵",
                "store_information": "연남동 골목의 작은 빵집 '온기'",
                "gpt_prompt": "짧은 문장으로 줄을 나눠 써 주세요.",
            }
        },
    )

    tenant_id: _TENANT | None = Field(None, description="The API key's tenant; it may be left out.")
    refined_ad_copy_eng: str = Field("", max_length=MAX_CHARS["refined_ad_copy_eng"])
    tone_style: str = Field(min_length=1, max_length=MAX_CHARS["tone_style"])
    product_description: str = Field(min_length=1, max_length=MAX_CHARS["product_description"])
    store_information: str = Field("", max_length=MAX_CHARS["store_information"])
    gpt_prompt: str = Field(min_length=1, max_length=MAX_CHARS["gpt_prompt"])
    sponsorship: Sponsorship | None = Field(
        None,
        description="What whoever posts gets for the post; null: nobody said. A brief whose words speak of a "
        "sponsor is refused without it.",
    )
    model: str | None = Field(None, min_length=1, max_length=255, description="Left out: the server's own choice.")
    language: Language = "ko"
    temperature: float | None = Field(None, ge=0, le=MAX_TEMPERATURE)
    max_tokens: int = Field(DEFAULT_MAX_TOKENS, ge=MIN_TOKENS, le=MAX_TOKENS)
    job_id: uuid.UUID | None = Field(None, description="The pipeline's job whose step this is.")
    overlay_id: uuid.UUID | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, body: Any) -> Any:
        """Many clients send every field that they know, with null for those that nobody filled in."""
        if not isinstance(body, dict):
            return body
        optional = {name for name, field in cls.model_fields.items() if not field.is_required()}
        return {name: value for name, value in body.items() if value is not None or name not in optional}

    def brief(self, tenant_id: str) -> Brief:
        """The brief, of this tenant."""
        return Brief(
            tenant_id,
            refined_ad_copy_eng=self.refined_ad_copy_eng,
            tone_style=self.tone_style,
            product_description=self.product_description,
            store_information=self.store_information,
            gpt_prompt=self.gpt_prompt,
            sponsorship=self.sponsorship,
        )

    def options(self, default_model: str) -> GenerationOptions:
        """The options, with this model if none is named."""
        return GenerationOptions(
            self.model or default_model,
            language=self.language,
            temperature=self.temperature,
            max_tokens=self.max_tokens,
            job_id=self.job_id,
            overlay_id=self.overlay_id,
        )


class NewFeed(NewCaption):
    """A caption to be written now."""

    another: bool = Field(False, description="Write one more for a job that has its feed already.")


class FeedChange(Body):
    """The new values; what is left out stays as it is. null unlinks a job or an overlay."""

    model_config = ConfigDict(extra="forbid")

    # By factories, so that the document names no default that a careful client would send along.
    instagram_ad_copy: str = Field(default_factory=str, max_length=10_000)
    hashtags: str = Field(default_factory=str, max_length=10_000)
    job_id: uuid.UUID | None = Field(default_factory=lambda: None)
    overlay_id: uuid.UUID | None = Field(default_factory=lambda: None)
    status: Status = Field(default_factory=lambda: "draft")
    acknowledged: str = Field(
        default_factory=str,
        max_length=500,
        description="Why it may be approved or posted although its disclosure is not.",
    )
    favourite: bool = Field(default_factory=bool)
    seen: AwareDatetime | None = Field(
        None, description="The updated_at that the change is based on; 409 where somebody else was faster."
    )


class FeedPage(BaseModel):
    """Feeds, newest first, and the cursor of the next page."""

    feeds: list[FeedOut | ListedFeed]
    next: str | None = Field(description="To be sent as `after`; null where there are no more.")


class FieldProblem(BaseModel):
    """One thing wrong with one field."""

    field: str
    code: str
    detail: str

    @classmethod
    def of(cls, problem: Problem) -> Self:
        """The problem with its sentence in English."""
        return cls(field=problem.field, code=problem.code, detail=words.problem("en", problem))


class FindingOut(BaseModel):
    """Something in a caption that a person should look at."""

    kind: str = Field(description="facts, disclosure or language")
    code: str = Field(description="Stable, for programs.", examples=["fact_different"])
    field: str = Field(description="instagram_ad_copy or hashtags")
    start: int | None = Field(description="Code points of the field before it; null where something is missing.")
    end: int | None
    text: str = Field(description="What stands there.")
    brief: str = Field(description="What the brief says in its place; empty: nothing.")
    params: dict[str, Any]


class ListedFeed(BaseModel):
    """A row of instagram_feeds without its raw answer, its status, and whether it is a favourite."""

    instagram_feed_id: uuid.UUID
    job_id: uuid.UUID | None
    overlay_id: uuid.UUID | None
    tenant_id: str
    refined_ad_copy_eng: str
    tone_style: str
    product_description: str
    store_information: str
    gpt_prompt: str
    instagram_ad_copy: str
    hashtags: str
    gpt_model_name: str | None
    gpt_max_tokens: int | None
    gpt_temperature: float | None
    gpt_prompt_used: str | None
    latency_ms: float | None
    token_usage: Any
    pk: int | None
    created_at: AwareDatetime | None
    updated_at: AwareDatetime | None
    status: Status | str = Field(description="From draft to archived; a newer release may know others.")
    favourite: bool
    findings: list[FindingOut] = Field(description="What a person should look at, in the order of the text.")

    @field_validator("gpt_temperature", "latency_ms")
    @classmethod
    def _json_knows_it(cls, value: float | None) -> float | None:
        """null for NaN and infinity, which other programs may store and JSON cannot say."""
        return value if value is not None and math.isfinite(value) else None


class FeedOut(ListedFeed):
    """A row of instagram_feeds, its status, and whether it is a favourite."""

    gpt_response_raw: Any
    warnings: list[FieldProblem] = Field(
        description="What was changed in the model's answer, and what readers may regret."
    )

    @classmethod
    def of(cls, feed: Feed, state: State) -> Self:
        """The body for a feed and its state."""
        columns = {field.name: getattr(feed, field.name) for field in fields(Feed) if field.name in cls.model_fields}
        findings = [FindingOut(**checking.as_json(finding)) for finding in checking.findings_of(feed)]
        return cls(
            **columns,
            status=state.status,
            favourite=state.favourite,
            findings=findings,
            warnings=_warnings(feed),
        )


def _warnings(feed: Feed) -> list[FieldProblem]:
    return [FieldProblem.of(change) for change in answer.warnings_of(feed)]


def page_body(
    rows: Sequence[KeptFeed],
    findings: Mapping[uuid.UUID, Sequence[Any]],
    following: Cursor | None,
    each: type[ListedFeed],
) -> bytes:
    """A :class:`FeedPage` as JSON, each row as ``each`` says; its parts are ours, so no model checks them again."""
    names = tuple(name for name in each.model_fields if name != "warnings")
    read = attrgetter(*names)
    feeds = [
        dict(zip(names, read(row), strict=True))
        | {"findings": findings[row.instagram_feed_id]}
        | ({"warnings": _warnings(row)} if each is FeedOut else {})
        for row in rows
    ]
    # As the models say it: null for NaN and infinity, which other programs may store.
    return to_json({"feeds": feeds, "next": following and following.encode()}, inf_nan_mode="null")
