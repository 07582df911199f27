"""What all mapped tables share: their base class and two server defaults."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import (
    ARRAY,
    DateTime,
    Double,
    LargeBinary,
    Numeric,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase

NOW = text("CURRENT_TIMESTAMP")
NEW_UUID = text("uuid_generate_v4()")


class Base(DeclarativeBase):
    """All tables; JSON documents are JSONB, instants are timestamptz in UTC."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        dict[str, Any]: JSONB(none_as_null=True),
        dt.datetime: DateTime(timezone=True),
        uuid.UUID: Uuid(),
        float: Double(),
        bytes: LargeBinary(),
        list[str]: ARRAY(Text()),
        Decimal: Numeric(18, 9),
    }
