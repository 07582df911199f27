"""Experiments: variants of a brief's settings, the captions they wrote, pairs of captions, votes; prompts; results."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, Integer, SmallInteger, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from lib.store.tables.base import NOW, Base


class Experiment(Base):
    """The same briefs written in two to five ways, to learn which one the team prefers."""

    __tablename__ = "studio_experiments"
    __table_args__ = (Index("studio_experiments_newest", "tenant_id", "created_at"),)

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    experiment_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    votes_per_pair: Mapped[int] = mapped_column(SmallInteger)
    """How many votes that count close a pair."""
    share: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    """Percent of the team's other captions that the experiment takes while it is open."""
    batch_id: Mapped[uuid.UUID | None]
    """The batch that writes the captions of its own briefs; NULL where it only takes a share of others."""
    person: Mapped[str | None] = mapped_column(Text)
    """Who started it."""
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)
    closed_at: Mapped[dt.datetime | None]
    winner: Mapped[int | None] = mapped_column(SmallInteger)
    """The variant that was chosen when it was closed; NULL where none was."""


class ExperimentVariant(Base):
    """One of the ways: what it changes in each brief and its options."""

    __tablename__ = "studio_experiment_variants"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "experiment_id"],
            ["studio_experiments.tenant_id", "studio_experiments.experiment_id"],
            name="studio_experiment_variants_experiment",
            ondelete="CASCADE",
        ),
    )

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    experiment_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    variant: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    """From 1."""
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """``gpt_prompt``, ``tone_style``, ``model``, ``temperature``, ``max_tokens``; those that it leaves are not here."""
    prompt_id: Mapped[uuid.UUID | None]
    """The prompt of the library whose version ``prompt_version`` the instruction is."""
    prompt_version: Mapped[int | None]


class ExperimentPair(Base):
    """Two captions of one brief, to be judged against each other. A closed pair is never opened again."""

    __tablename__ = "studio_experiment_pairs"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "experiment_id"],
            ["studio_experiments.tenant_id", "studio_experiments.experiment_id"],
            name="studio_experiment_pairs_experiment",
            ondelete="CASCADE",
        ),
        Index(
            "studio_experiment_pairs_briefs",
            "tenant_id",
            "experiment_id",
            "brief_key",
            "first_variant",
            "second_variant",
            unique=True,
        ),
    )

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    pair_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    """Random, so that it tells nothing about its variants."""
    experiment_id: Mapped[uuid.UUID]
    brief_key: Mapped[str] = mapped_column(Text)
    first_variant: Mapped[int] = mapped_column(SmallInteger)
    second_variant: Mapped[int] = mapped_column(SmallInteger)
    first_feed_id: Mapped[uuid.UUID]
    second_feed_id: Mapped[uuid.UUID]
    result: Mapped[str | None] = mapped_column(Text)
    """``first``, ``second`` or ``tie``; NULL while the pair is open."""
    closed_at: Mapped[dt.datetime | None]


class Vote(Base):
    """One person's judgement of one pair."""

    __tablename__ = "studio_experiment_votes"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "pair_id"],
            ["studio_experiment_pairs.tenant_id", "studio_experiment_pairs.pair_id"],
            name="studio_experiment_votes_pair",
            ondelete="CASCADE",
        ),
    )

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    pair_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(Text, primary_key=True)
    choice: Mapped[str] = mapped_column(Text)
    """``first``, ``second`` or ``tie``."""
    reasons: Mapped[list[str]]
    counts: Mapped[bool]
    """False for the vote of somebody who started the experiment or wrote one of the captions, and for a vote on a pair
    that was closed meanwhile."""
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)


class Prompt(Base):
    """A version of an instruction in the team's library; never changed."""

    __tablename__ = "studio_prompts"

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    prompt_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """From 1."""
    name: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    person: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)


class DefaultPrompt(Base):
    """One decision on what the team's default instruction is; the latest one holds."""

    __tablename__ = "studio_default_prompts"

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """From 1."""
    prompt_id: Mapped[uuid.UUID | None]
    """NULL: the product's own default again."""
    version: Mapped[int | None]
    experiment_id: Mapped[uuid.UUID | None]
    """The experiment that it was decided on."""
    evidence: Mapped[dict[str, Any] | None]
    """The verdict at that moment: ``won``, ``lost``, ``tied``, ``e``, against each other variant."""
    person: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)


class FeedResult(Base):
    """How a posted caption did on Instagram, as somebody typed it in or imported it; NULL is unknown."""

    __tablename__ = "studio_feed_results"

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    feed_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    permalink: Mapped[str | None] = mapped_column(Text)
    likes: Mapped[int | None]
    saves: Mapped[int | None]
    comments: Mapped[int | None]
    reach: Mapped[int | None]
    person: Mapped[str | None] = mapped_column(Text)
    updated_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)
