"""The part of an address after ``?``: what a route does not know there is refused, as it is in a body."""

from __future__ import annotations

from fastapi import Request

from lib.domain.errors import InvalidRequest, Problem


def refuse_unknown(request: Request) -> None:
    """Check that the route knows each query parameter: a mistyped filter would find more than was asked for.

    Raises ``InvalidRequest``.
    """
    offered = sorted({field.alias for field in request.scope["route"].dependant.query_params})
    unknown = [name for name in dict.fromkeys(request.query_params) if name not in offered]
    if unknown:
        code, names = "no_such_parameter" if offered else "no_parameters", ", ".join(offered)
        raise InvalidRequest([Problem(name[:100], code, {"offered": names}) for name in unknown])
