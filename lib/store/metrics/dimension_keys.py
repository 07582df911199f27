"""How the tables of the figures spell a dimension's value: the only place that knows ``=gpt-5``, ``-`` and ``~<md5>``.

SQL makes the keys with the function ``studio_metric_key``.
"""

from __future__ import annotations

from lib.domain.dimensions import MISSING, OTHERS, DimensionValue

OTHERS_KEY = "+"
_DIGEST = slice(1, 33)


def read(key: str) -> DimensionValue:
    """The value that a stored key stands for."""
    if key == "-":
        return MISSING
    if key == OTHERS_KEY:
        return OTHERS
    if key.startswith("~"):
        return DimensionValue("hashed", key[_DIGEST.stop :], key[_DIGEST])
    return DimensionValue.of(key[1:])


def write(value: DimensionValue) -> str:
    """The key under which a value is stored."""
    if value.kind == "missing":
        return "-"
    if value.kind == "others":
        return OTHERS_KEY
    return f"~{value.digest}{value.text}" if value.kind == "hashed" else f"={value.text}"
