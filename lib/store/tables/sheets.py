"""What is remembered of the sheets that a tenant's people upload."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lib.store.tables.base import NOW, Base


class ColumnMapping(Base):
    """The field of a brief that the columns of one heading are, as a person of the tenant's said."""

    __tablename__ = "studio_column_mappings"

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    heading: Mapped[str] = mapped_column(String(255), primary_key=True)
    """As :func:`lib.batches.columns.key_of` spells it."""
    field: Mapped[str | None] = mapped_column(Text)
    """NULL: of none."""
    changed_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)


class SheetDraft(Base):
    """A sheet that somebody uploaded or typed and has not started as a batch yet."""

    __tablename__ = "studio_sheet_drafts"

    tenant_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    draft_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    content: Mapped[bytes]
    """The table as it came, as compressed JSON; never changed."""
    changes: Mapped[dict[str, Any]]
    """What a person made of it: columns, defaults, cells, rows that are left out."""
    changed_at: Mapped[dt.datetime] = mapped_column(server_default=NOW)
