"""The bodies of the routes of batches."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Annotated, Any

from fastapi import UploadFile
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

from lib.api.schemas import Body, FindingOut, NewCaption
from lib.batches import control
from lib.domain.batches.rows import MAX_REFERENCE, MAX_ROWS, RowStatus, Status
from lib.domain.brief import MAX_VARIANTS, Language
from lib.domain.errors import from_code
from lib.i18n import words
from lib.store.batches.batches import Batch, Progress
from lib.store.batches.rows import Row

Usd = Annotated[Decimal, PlainSerializer(float, return_type=float)]

LimitUsd = Annotated[
    float | None,
    Field(gt=0, lt=1_000_000_000, description="USD at which the batch pauses itself; null: no limit."),
]

Economy = Annotated[
    bool,
    Field(description="Through OpenAI's Batch API: half price, within 24 hours. Refused where the model has none."),
]

WebhookUrl = Annotated[
    str | None,
    Field(max_length=2_000, description="A public https address that is called when the batch has ended."),
]

LANGUAGE: Language = "en"
"""Of the sentences that the API says."""


class NewBatchRow(NewCaption):
    """A brief of a batch, with the options of its captions."""

    variants: int = Field(1, ge=1, le=MAX_VARIANTS, description="How many captions, each from another angle.")
    reference: str | None = Field(None, max_length=MAX_REFERENCE, description="Your own name for the row.")


class NewBatch(Body):
    """The rows of a batch, and when it ends or pauses."""

    model_config = ConfigDict(extra="forbid")

    rows: list[NewBatchRow] = Field(min_length=1, max_length=MAX_ROWS)
    name: str = Field("", max_length=200)
    limit_usd: LimitUsd = None
    economy: Economy = False
    webhook_url: WebhookUrl = None


class BatchUpload(BaseModel):
    """A file whose rows are a batch: CSV, XLSX, XLS or ODS, with headings as on the page."""

    file: UploadFile
    name: str = Field("", max_length=200, description="Of the batch; without one, that of the file.")
    model: str = Field("", max_length=255, description="Of the rows that name none.")
    limit_usd: LimitUsd = None
    economy: Economy = False
    webhook_url: WebhookUrl = None


class BatchChange(Body):
    """Another cost limit; a batch that its limit had paused goes on."""

    model_config = ConfigDict(extra="forbid")

    limit_usd: LimitUsd


class BatchRetry(Body):
    """Which rows are written again; each is a new request, which is paid again."""

    model_config = ConfigDict(extra="forbid")

    unknown: bool = Field(False, description="Also the rows of which nobody knows what became of them.")


class NewBatchOut(BaseModel):
    """A batch that workers will write."""

    batch_id: uuid.UUID
    webhook_secret: str | None = Field(
        None,
        description="With which the webhook is signed (Standard Webhooks); the same for all batches of the tenant.",
    )


class BatchOut(BaseModel):
    """A batch and how far it is."""

    batch_id: uuid.UUID
    name: str
    job_id: uuid.UUID | None = Field(description="The job that its captions belong to.")
    status: Status
    paused_because: str | None = Field(description="A code: person, limit, or that of a problem.")
    paused_detail: str | None = Field(description="A sentence for people; it may change.")
    resumes_at: AwareDatetime | None = Field(description="When it goes on by itself.")
    total: int
    rows: dict[RowStatus, int] = Field(description="How many rows have each status; none where it is missing.")
    reasons: dict[str, int] = Field(description="How many rows failed or are unknown, by the code of the problem.")
    spent_usd: Usd = Field(description="What its requests cost as far as that is known.")
    without_cost: int = Field(description="Requests that were billed at a price that is not known.")
    estimated_usd: Usd | None
    limit_usd: Usd | None
    economy: bool = Field(description="Whether it goes through OpenAI's Batch API.")
    rows_a_minute: float | None
    seconds_left: float | None
    webhook_url: str | None
    webhook_error: str | None = Field(description="Why the webhook was not accepted at the last try.")
    created_at: AwareDatetime
    started_at: AwareDatetime | None
    ended_at: AwareDatetime | None

    @classmethod
    def of(cls, batch: Batch, progress: Progress) -> BatchOut:
        """The body for a batch."""
        names = cls.model_fields.keys() & batch.__dataclass_fields__.keys()
        return cls(
            **{name: getattr(batch, name) for name in names},
            paused_detail=_why(batch),
            total=progress.total,
            rows=progress.rows,
            reasons=progress.reasons,
            without_cost=progress.without_cost,
            rows_a_minute=progress.rows_a_minute,
            seconds_left=progress.seconds_left,
        )


def _why(batch: Batch) -> str | None:
    """Why a batch is paused, in a sentence."""
    if batch.paused_because in (control.PERSON, control.LIMIT):
        return words.say(LANGUAGE, f"batches.paused_{batch.paused_because}")
    return _sentence(batch.paused_because, batch.paused_params)


def _sentence(code: str | None, params: dict[str, Any] | None) -> str | None:
    return words.error(LANGUAGE, from_code(code, params or {})) if code else None


class BatchPage(BaseModel):
    """Batches, newest first, and the cursor of the next page."""

    batches: list[BatchOut]
    next: str | None = Field(description="To be sent as `after`; null where there are no more.")


class BatchRowOut(BaseModel):
    """A row of a batch with its caption, if it has one."""

    number: int = Field(description="From 1, in the order of the request or of the file.")
    variant: int
    reference: str | None
    uploaded: list[Any] = Field(description="The cells of the file.")
    brief: dict[str, Any]
    model: str
    status: RowStatus
    error_code: str | None
    error_detail: str | None = Field(description="A sentence for people; it may change.")
    tries: int
    cost_usd: Usd | None
    without_cost: int
    generation_id: uuid.UUID | None
    instagram_feed_id: uuid.UUID | None
    instagram_ad_copy: str | None
    hashtags: str | None
    findings: list[FindingOut] | None = Field(description="What a person should look at; null without a caption.")
    finished_at: AwareDatetime | None

    @classmethod
    def of(cls, row: Row, findings: list[dict[str, Any]] | None) -> BatchRowOut:
        """The body for a row and the findings of its caption."""
        names = cls.model_fields.keys() & row.__dataclass_fields__.keys()
        return cls(
            **{name: getattr(row, name) for name in names},
            error_detail=_sentence(row.error_code, row.error_params),
            findings=None if findings is None else [FindingOut(**finding) for finding in findings],
        )


class BatchRowPage(BaseModel):
    """Rows in the order of the batch, and the cursor of the next page."""

    rows: list[BatchRowOut]
    next: str | None = Field(description="To be sent as `after`; null where there are no more.")


class RetriedOut(BaseModel):
    """How many rows are written again."""

    rows: int
