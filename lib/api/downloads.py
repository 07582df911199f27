"""The way out for large files: served from the disk, in pieces, where Streamlit would hold all of it in memory."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from lib.exports import background, formats


async def download(request: Request) -> Response:
    """The file of a finished export; 404 for what there is not, or not any more."""
    known = background.find(request.path_params["token"])
    if known is None or known.path is None or not known.path.exists():
        return PlainTextResponse("This file is not here any more. Export it again.", 404)
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    media_type = formats.MEDIA_TYPES[known.file_format]
    return FileResponse(known.path, media_type=media_type, filename=known.name, headers=headers)
