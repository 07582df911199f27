"""Sample rows as their tests read them."""

from __future__ import annotations

import datetime as dt
from typing import Any

UNTIL = dt.datetime(2026, 11, 24, 3, tzinfo=dt.UTC)


Row = dict[str, Any]
