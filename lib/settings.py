"""The only reader of the environment: what the whole app may be told from outside, and its defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lib.domain.models import DEMO_MODEL


@dataclass(frozen=True)
class Settings:
    """Nothing set: embedded PostgreSQL under ``.data/``, the demo model, Korean, no sign-in."""

    data_dir: Path = Path(".data")
    """Where the embedded database and the spool of unstored answers live."""
    database_url: str | None = field(default=None, repr=False)
    """PostgreSQL of the app role; None: the embedded one."""
    database_owner_url: str | None = field(default=None, repr=False)
    """PostgreSQL of the role that owns the tables and migrates; None: the same as ``database_url``."""
    openai_api_key: str | None = field(default=None, repr=False)
    openai_base_url: str | None = None
    openai_model: str = DEMO_MODEL
    openai_models: tuple[str, ...] = (DEMO_MODEL,)
    """What the form offers to choose from; any other name may be typed."""
    timeout_s: float = 90.0
    """How long a person waits for a whole answer (facts of the SDK: its own default of 600 s is per phase)."""
    openai_store: bool = False
    """Whether OpenAI keeps the answers for a while, so that one that never arrived can be fetched later."""
    default_tenant: str = "my-team"
    demo_pace: float = 1.0
    """Scales all the waiting of the demo model; 0 answers at once."""
    api_key_pepper: str | None = field(default=None, repr=False)
    """The secret under which API keys are hashed, the same on every machine; None: a file in ``data_dir``."""
    api_calls_a_minute: int = 1200
    """What one API key may ask for; a burst of as many is let through at once."""
    frame_ancestors: tuple[str, ...] = ()
    """Origins whose pages may show the app in a frame; none: nobody may."""
    spool_interval_s: float = 2.0
    """How often answers that could not be stored are offered to the database again."""

    @property
    def spool_dir(self) -> Path:
        """Where answers wait until the database has them."""
        return self.data_dir / "spool"

    @property
    def exports_dir(self) -> Path:
        """Where files wait that somebody asked for, for an hour."""
        return self.data_dir / "exports"

    @property
    def has_model_endpoint(self) -> bool:
        """Whether a model other than the demo can be asked: a key, or a compatible server that needs none."""
        return bool(self.openai_api_key or self.openai_base_url)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Settings as the environment has them (flat keys of ``.streamlit/secrets.toml`` arrive there too)."""
        env = os.environ if environ is None else environ

        def given(name: str) -> str | None:
            return env.get(name, "").strip() or None

        key, base_url = given("OPENAI_API_KEY"), given("OPENAI_BASE_URL")
        model = given("OPENAI_MODEL") or ("gpt-6-luna" if key or base_url else DEMO_MODEL)
        listed = tuple(name.strip() for name in (given("OPENAI_MODELS") or "").split(",") if name.strip())
        models = tuple(dict.fromkeys((model, *listed, DEMO_MODEL)))
        return cls(
            data_dir=Path(given("FEED_STUDIO_DATA") or ".data").resolve(),
            database_url=given("DATABASE_URL"),
            database_owner_url=given("DATABASE_OWNER_URL"),
            openai_api_key=key,
            openai_base_url=base_url,
            openai_model=model,
            openai_models=models,
            timeout_s=float(given("OPENAI_TIMEOUT_S") or 90.0),
            openai_store=(given("OPENAI_STORE") or "").lower() in ("1", "true", "yes", "on"),
            default_tenant=given("FEED_STUDIO_TENANT") or "my-team",
            api_key_pepper=given("FEED_STUDIO_PEPPER"),
            api_calls_a_minute=int(given("FEED_STUDIO_API_RATE") or 1200),
            frame_ancestors=tuple((given("FEED_STUDIO_FRAME_ANCESTORS") or "").replace(",", " ").split()),
            demo_pace=float(given("FEED_STUDIO_DEMO_PACE") or 1.0),
        )
