"""Model names: the demo model's, and how to tell one of its names from a real model's."""

from __future__ import annotations

DEMO_MODEL = "demo"
"""The name of the pretend model, which answers inside the process; ``demo-<behaviour>`` is the same, told to fail."""


def is_demo(model: str) -> bool:
    """Whether the pretend model goes by this name."""
    return model == DEMO_MODEL or model.startswith(f"{DEMO_MODEL}-")
