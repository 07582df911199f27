"""A variant of an experiment: what it changes in a brief and its options, and which briefs it is given."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from lib.domain.brief import Brief, GenerationOptions, fingerprint

OF_BRIEF = ("gpt_prompt", "tone_style")
OF_OPTIONS = ("model", "temperature", "max_tokens")
CHANGEABLE = (*OF_BRIEF, *OF_OPTIONS)
"""What a variant can change, by the names of the fields of a brief and its options."""


def apply(changes: Mapping[str, Any], brief: Brief, options: GenerationOptions) -> tuple[Brief, GenerationOptions]:
    """The brief and the options as the variant has them. Raises ``InvalidBrief``."""
    return (
        replace(brief, **{name: value for name, value in changes.items() if name in OF_BRIEF}),
        replace(options, **{name: value for name, value in changes.items() if name in OF_OPTIONS}),
    )


def given(changes: Mapping[str, Any], brief: Brief, options: GenerationOptions) -> dict[str, Any]:
    """What the brief and the options say where the variant says something else: :func:`apply` with it leads back."""
    return {name: getattr(brief if name in OF_BRIEF else options, name) for name in changes}


def brief_key(brief: Brief) -> str:
    """A key of the brief, whatever a variant changes in it: SHA-256 in hexadecimal."""
    return fingerprint({item.name: getattr(brief, item.name) for item in fields(brief) if item.name not in OF_BRIEF})


def is_taken(experiment_id: object, key: str, share: int) -> bool:
    """Whether a brief is among the ``share`` percent that an experiment takes: always the same answer for a brief."""
    return _draw(f"share {experiment_id} {key}") % 100 < share


def variant_of(experiment_id: object, key: str, count: int) -> int:
    """Which of ``count`` variants, from 1, a brief gets: always the same one, each as likely as the others."""
    return 1 + _draw(f"variant {experiment_id} {key}") % count


def _draw(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
