"""All routes that are not pages: the API under ``/api``, the downloads, and two addresses for monitors."""

from __future__ import annotations

import re
from typing import Any

from starlette.routing import BaseRoute, Mount, Route

from lib.api.application import api
from lib.api.downloads import download
from lib.api.health import healthz, readyz
from lib.exports.links import PATH


class _Everything(Mount):
    """A mount that also takes an address with a line break, which Starlette's own leaves to the pages."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.path_regex = re.compile(self.path_regex.pattern, re.DOTALL)


def routes(base_path: str = "") -> list[BaseRoute]:
    """The API's routes and the downloads, below ``base_path`` where the pages are served below one."""
    below: list[BaseRoute] = [
        _Everything("/api", api),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route(f"{PATH}/{{token}}", download),
    ]
    base_path = base_path.strip("/")
    return [Mount(f"/{base_path}", routes=below), *below[1:3]] if base_path else below
