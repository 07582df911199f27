"""Where the API hangs in the server: everything under ``/api``, and the two addresses for whoever watches."""

from __future__ import annotations

import re
from typing import Any

from starlette.routing import BaseRoute, Mount, Route

from lib.api.application import api
from lib.api.health import healthz, readyz


class _Everything(Mount):
    """A mount that takes an address with a line break too, which Starlette's leaves to the pages."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.path_regex = re.compile(self.path_regex.pattern, re.DOTALL)


routes: list[BaseRoute] = [_Everything("/api", api), Route("/healthz", healthz), Route("/readyz", readyz)]
