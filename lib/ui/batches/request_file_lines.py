"""The files of a batch that goes through the Batch API: how far each is there, and what becomes of the file itself."""

from __future__ import annotations

from collections.abc import Sequence

from lib.store.batches.request_files import RequestFile
from lib.ui.core import feedback, format_dates, reasons, words
from lib.ui.core.words import say


def show(files: Sequence[RequestFile]) -> None:
    """Draw a line for each file."""
    for number, file in enumerate(files, 1):
        feedback.show_quietly(f":material/draft: {feedback.inert(line(number, file))}")


def line(number: int, file: RequestFile) -> str:
    """What is known of a file, in a line."""
    texts = [say(f"batches.file_{file.status}", number=number, count=file.requests)]
    if file.sent_at:
        texts.append(say("batches.file_sent_at", at=format_dates.short(file.sent_at)))
    if file.remote_status:
        texts.append(words.named("remote_status", file.remote_status))
    if file.completed is not None and file.failed is not None:
        texts.append(say("batches.file_counts", completed=file.completed, failed=file.failed))
    if file.error_code:
        texts.append(reasons.sentence(file.error_code, file.error_params))
    if file.input_file_id:
        texts.append(_what_is_left(file))
    return " · ".join(texts)


def _what_is_left(file: RequestFile) -> str:
    """Whether the requests still lie at OpenAI, and until when."""
    if file.input_deleted_at:
        return say("batches.file_deleted", at=format_dates.short(file.input_deleted_at))
    if not file.ended_at:
        return say("batches.file_will_be_deleted")
    if file.input_expires_at:
        return say("batches.file_expires", at=format_dates.short(file.input_expires_at))
    return say("batches.file_left")
