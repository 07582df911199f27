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


def write_hashed(value: DimensionValue) -> str:
    """The key under which a hashed value is stored."""
    return f"~{value.digest}{value.text}"
