"""How long a test waits before it gives up. Nothing is measured by it: a passing test never waits that long."""

from __future__ import annotations

PATIENCE_S = 180.0
"""Seconds until what is waited for will never come, on a machine whose cores are all busy."""
