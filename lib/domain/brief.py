"""The nouns that go in: what may be asked for, checked once. A Brief that exists is valid; nobody checks it again."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, get_args

from lib.domain.errors import InvalidBrief, Problem

Language = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = ("ko", "en")

Sponsorship = Literal["none", "payment", "product", "discount", "affiliate"]
SPONSORSHIPS: tuple[Sponsorship, ...] = get_args(Sponsorship)
"""What whoever posts gets for the post; ``none`` says that it is nothing."""

INPUTS = ("refined_ad_copy_eng", "tone_style", "product_description", "store_information", "gpt_prompt")
"""The five inputs of the specification, by their columns' names."""

MAX_CHARS = {
    "tenant_id": 255,  # the column is VARCHAR(255)
    "refined_ad_copy_eng": 500,
    "tone_style": 200,
    "product_description": 2_000,
    "store_information": 1_000,
    "gpt_prompt": 2_000,
}
"""The most characters a field may have: enough for any honest brief, and a bound on what a request may cost."""

REQUIRED = ("tenant_id", "tone_style", "product_description", "gpt_prompt")
"""What a caption cannot be written without. A brief may lack an English ad copy and facts about the store."""

MAX_VARIANTS = 5
MIN_TOKENS, MAX_TOKENS = 64, 16_000
DEFAULT_MAX_TOKENS = 4_000
"""``max_completion_tokens`` includes a reasoning model's thinking, so it is generous (OpenAI's API reference)."""
MAX_TEMPERATURE = 2.0

UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""Characters that PostgreSQL can store neither as TEXT nor as JSONB."""
_BREAK = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")
"""Line ends of other systems and controls that are breaks, such as the soft returns of Word (str.splitlines)."""
_REMOVED = re.compile("[\x00-\x08\x0e-\x1b\x7f\ud800-\udfff]")


_PLAIN: dict[int, str | None] = (
    dict.fromkeys(map(ord, "\u2800\u3164\uffa0"), " ")  # Braille blank and Hangul fillers: blank lines are forged so
    | dict.fromkeys(map(ord, "\u200b\u2060\ufeff"), None)  # pasted along from web pages; a tag would end there
)


def clean(value: str) -> str:
    """The text as it is stored and counted: NFC, Unix line ends, no control characters or lone surrogates, stripped.

    A control that is a break becomes a line end, so that no two words are glued together.

    Text pasted from macOS or Excel may be decomposed, which doubles the length of the same Hangul; NUL and lone
    surrogates can be stored neither as TEXT nor as JSONB.
    """
    return unicodedata.normalize("NFC", _REMOVED.sub("", _BREAK.sub("\n", value))).strip()


def clean_text(text: str) -> str:
    """The text of a caption as it is stored, counted and posted; cleaning it again changes nothing.

    Line breaks stay; blanks at the end of a line go, and so does every empty line after the first in a row, those
    filled with invisible characters included. Characters that show nothing and join nothing are taken out.
    """
    lines = [line.rstrip() for line in clean(text.translate(_PLAIN)).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


@dataclass(frozen=True)
class Brief:
    """What the caption is to be about, and for whom. ``sponsorship`` is None where nobody said whether it is sponsored.

    Raises ``InvalidBrief`` with every problem of every field at once.
    """

    tenant_id: str
    refined_ad_copy_eng: str
    tone_style: str
    product_description: str
    store_information: str
    gpt_prompt: str
    sponsorship: str | None = None
    """One of :data:`SPONSORSHIPS`."""

    def __post_init__(self) -> None:
        problems = []
        if not self.sponsorship:
            object.__setattr__(self, "sponsorship", None)
        elif self.sponsorship not in SPONSORSHIPS:
            problems.append(Problem("sponsorship", "not_offered", {"offered": ", ".join(SPONSORSHIPS)}))
        for item in fields(self):
            if item.name == "sponsorship":
                continue
            value = getattr(self, item.name)
            # A team's id is somebody's own: another program may have stored it decomposed, or with a blank at its end.
            value = UNSTORABLE.sub("", value) if item.name == "tenant_id" else clean(value)
            object.__setattr__(self, item.name, value)
            if not value.strip() and item.name in REQUIRED:
                problems.append(Problem(item.name, "missing"))
            if len(value) > MAX_CHARS[item.name]:
                problems.append(Problem(item.name, "too_long", {"length": len(value), "most": MAX_CHARS[item.name]}))
        if "\n" in self.tenant_id.strip():
            problems.append(Problem("tenant_id", "one_line"))
        if problems:
            raise InvalidBrief(problems)

    def inputs(self) -> dict[str, str]:
        """The five inputs by column name."""
        return {name: getattr(self, name) for name in INPUTS}

    def recorded(self) -> dict[str, str]:
        """The brief as it is recorded: its inputs, and whether it is sponsored where that was said."""
        return self.inputs() | ({"sponsorship": self.sponsorship} if self.sponsorship else {})


@dataclass(frozen=True)
class ExperimentMark:
    """Which variant of which experiment a caption is written for. ``brief`` is the same for the variants of a brief."""

    id: uuid.UUID
    variant: int
    brief: str
    given: Mapping[str, Any] | None = field(default=None, hash=False)
    """For a caption that the experiment took: what its caller had asked for where the variant says something else."""
    person: str | None = None
    """Who asked for a caption that the experiment took; their vote on it does not count."""

    def as_json(self) -> dict[str, Any]:
        """The mark as it is recorded; what it does not say is left out."""
        recorded = {name: value for name, value in vars(self).items() if value is not None}
        return recorded | {"id": str(self.id)}

    @classmethod
    def from_json(cls, recorded: Mapping[str, Any]) -> ExperimentMark:
        """The mark that was recorded by this release or another one."""
        values = {item.name: recorded[item.name] for item in fields(cls) if item.name in recorded}
        return cls(**values | {"id": uuid.UUID(recorded["id"])})


@dataclass(frozen=True)
class GenerationOptions:
    """The options of a request to a model. With ``None`` the model decides by itself.

    Raises ``InvalidBrief`` with every problem at once.
    """

    model: str
    language: Language = "ko"
    temperature: float | None = None
    max_tokens: int = DEFAULT_MAX_TOKENS
    job_id: uuid.UUID | None = None
    overlay_id: uuid.UUID | None = None
    experiment: ExperimentMark | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "model", clean(self.model))
        problems = []
        if not self.model:
            problems.append(Problem("model", "missing"))
        if len(self.model) > 255:
            problems.append(Problem("model", "too_long", {"length": len(self.model), "most": 255}))
        if self.language not in LANGUAGES:
            problems.append(Problem("language", "not_offered", {"offered": ", ".join(LANGUAGES)}))
        if self.temperature is not None and not 0 <= self.temperature <= MAX_TEMPERATURE:
            problems.append(Problem("temperature", "out_of_range", {"least": 0, "most": MAX_TEMPERATURE}))
        if not MIN_TOKENS <= self.max_tokens <= MAX_TOKENS:
            problems.append(Problem("max_tokens", "out_of_range", {"least": MIN_TOKENS, "most": MAX_TOKENS}))
        if problems:
            raise InvalidBrief(problems)

    def as_json(self) -> dict[str, Any]:
        """The options as they are recorded."""
        return asdict(self) | {
            "job_id": str(self.job_id) if self.job_id else None,
            "overlay_id": str(self.overlay_id) if self.overlay_id else None,
            "experiment": self.experiment.as_json() if self.experiment else None,
        }

    @classmethod
    def from_json(cls, recorded: dict[str, Any]) -> GenerationOptions:
        """The options that were recorded by this release or another one: what only the other one knows is left out."""
        values = {item.name: recorded[item.name] for item in fields(cls) if item.name in recorded}
        ids = {name: uuid.UUID(values[name]) for name in ("job_id", "overlay_id") if values.get(name)}
        if mark := values.pop("experiment", None):
            values["experiment"] = ExperimentMark.from_json(mark)
        return cls(**values | ids)


def fingerprint(*parts: Any) -> str:
    """SHA-256 over the parts as JSON, in hexadecimal: the same for the same values, in whatever order of members."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
