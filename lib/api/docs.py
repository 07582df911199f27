"""The API's document for people: Swagger UI at ``/api/docs``, with every file served from here."""

from __future__ import annotations

import json
from pathlib import Path

import fastapi_offline
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

FILES = Path(fastapi_offline.__file__).parent / "static"

# The script is a file of its own, because the content security policy forbids scripts in a page.
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Feed Studio API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{root}/docs/files/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="{root}/docs/files/swagger-ui-bundle.js"></script>
<script src="{root}/docs/start.js"></script>
</body>
</html>
"""


def serve(api: FastAPI) -> None:
    """Add the document's page, script and files to the application."""
    api.add_api_route("/docs", _page, include_in_schema=False)
    api.add_api_route("/docs/start.js", _start, include_in_schema=False)
    api.mount("/docs/files", StaticFiles(directory=FILES))


async def _page(request: Request) -> HTMLResponse:
    return HTMLResponse(_PAGE.replace("{root}", request.scope.get("root_path", "")))


async def _start(request: Request) -> Response:
    options = {
        "url": f"{request.scope.get('root_path', '')}/openapi.json",
        "dom_id": "#swagger-ui",
        "validatorUrl": None,  # or it would show the document to a server elsewhere
        "defaultModelsExpandDepth": 0,
        "persistAuthorization": False,
    }
    return Response(f"SwaggerUIBundle({json.dumps(options)})", media_type="text/javascript")
