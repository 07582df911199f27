"""What a caller asks for, and when two requests under one idempotency key are the same request."""

from __future__ import annotations

import dataclasses
import uuid
from dataclasses import dataclass
from typing import Any, Literal

from lib.domain.brief import Brief, GenerationOptions, fingerprint
from lib.domain.prompt import Change, Passage
from lib.store.feeds import Feed
from lib.store.generations import Generation

FIRST_OPTIONS = ("model", "language", "temperature", "max_tokens", "job_id", "overlay_id")
"""All options of the first releases, whose fingerprints were taken over every value, the defaults included."""


@dataclass(frozen=True, kw_only=True)
class GenerationRequest:
    """One caption that a caller asks for."""

    brief: Brief
    options: GenerationOptions
    source: str
    """Which caller it is: ``page``, ``api``, ... ``job_links.PIPELINE`` makes it the step of the options' job."""
    model_is_default: bool = False
    """The caller named no model: the server chose the one in ``options``, and may choose another one next time."""
    idempotency_key: str | None = None
    """The same key and request bring the same feed or error and are paid once, also when two calls race."""
    retry_unbilled: bool = False
    """Send the request again under a key whose last attempt ended without a feed and was certainly not billed."""
    another: bool = False
    """Write one more caption for a job that has one already."""
    run_id: uuid.UUID | None = None
    """The press of the button that several variants share."""
    variant: int = 1
    """From 1; each variant is written from another angle."""
    parent: Feed | None = None
    """The feed that the caption is derived from, by ``change``."""
    change: Change | None = None
    passage: Passage | None = None
    """The passage of the parent's caption that alone is rewritten; ``change`` is ``passage`` then."""
    stream: bool = True
    """Whether the model streams: only then text is seen early, and a silent model can be stopped."""
    generation_id: uuid.UUID | None = None
    """The id that the generation is to have; None: any."""
    waits: bool = True
    """Where the team's limits for the model are used up: record the request and wait, or raise ``RateLimited``."""
    threads: Literal["page", "pipeline"] | None = "page"
    """Which threads of the process execute it. None: the caller's own, before ``submit`` returns."""
    person: str | None = None
    """Who asks, where that is known; it does not make the request another one."""
    given_fingerprint: str | None = None
    """The fingerprint of the request as the caller made it, where an experiment has changed it since."""

    @property
    def parent_feed_id(self) -> uuid.UUID | None:
        """The id of the parent feed, if there is one."""
        return self.parent.instagram_feed_id if self.parent else None

    @property
    def fingerprint(self) -> str:
        """SHA-256, in hexadecimal, over what was given and differs from its default.

        An option that a later release adds, and a default that it changes, leave the fingerprint of this request as
        it is.
        """
        if self.given_fingerprint:
            return self.given_fingerprint
        brief = {name: value for name, value in dataclasses.asdict(self.brief).items() if value}
        context: dict[str, Any] = {"variant": self.variant, "change": self.change, "parent": self.parent_feed_id}
        if self.passage:
            context["passage"] = dataclasses.asdict(self.passage)
        return fingerprint(brief, self._given_options(), {name: value for name, value in context.items() if value})

    def is_same_as(self, earlier: Generation) -> bool:
        """Whether the earlier generation was asked for with the same request, by this release or an earlier one."""
        return earlier.fingerprint in (self.fingerprint, self._first_fingerprint(earlier))

    def _given_options(self) -> dict[str, Any]:
        defaults = {field.name: field.default for field in dataclasses.fields(self.options)}
        given = {name: value for name, value in self.options.as_json().items() if value != defaults[name]}
        if self.model_is_default:
            given.pop("model")
        return given

    def _first_fingerprint(self, earlier: Generation) -> str | None:
        """The fingerprint that a first release took of this request; None: it could not have taken this request."""
        if self.brief.sponsorship or self.passage or not set(self._given_options()) <= set(FIRST_OPTIONS):
            return None
        options = {name: self.options.as_json()[name] for name in FIRST_OPTIONS}
        if self.model_is_default:
            options["model"] = earlier.options.get("model")
        brief = {"tenant_id": self.brief.tenant_id} | self.brief.inputs()
        return fingerprint(brief, options, self.variant, self.change, self.parent_feed_id)
