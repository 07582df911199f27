"""Downloads of exports, served from the disk in pieces: Streamlit would hold the whole file in memory."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from lib.exports import background, formats


async def download(request: Request) -> Response:
    """The file of a finished export; 404 for an unexport token or a file that was deleted since."""
    export = background.find(request.path_params["token"])
    if export is None or export.path is None or not export.path.exists():
        return PlainTextResponse("This file is not here any more. Export it again.", 404)
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    media_type = formats.MEDIA_TYPES[export.file_format]
    return FileResponse(export.path, media_type=media_type, filename=export.name, headers=headers)
