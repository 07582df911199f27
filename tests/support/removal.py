"""The SQL of ``docs/removal.md``."""

from __future__ import annotations

import re

from tests.support.project import ROOT

REMOVAL, ERASURE = re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "removal.md").read_text("utf-8"), re.DOTALL)
"""What takes everything of Feed Studio out of a database, and what erases the team ``acme``."""
