"""The Batch API through the real client: what is there already is found again, and each error is one that we know."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from lib.domain import errors
from lib.llm.client import Writer
from tests.support.batch_api import BatchApi
from tests.support.endpoint import Endpoint


@pytest.fixture
def there(openai: Endpoint) -> BatchApi:
    openai.batch_api = BatchApi()
    return openai.batch_api


def test_files_and_batches_are_found_again_among_many(writer: Writer, there: BatchApi) -> None:
    api, now = writer.batches, time.time()
    uploaded = api.upload("mine.jsonl", b'{"a": 1}\n{"b": 2}')
    created = api.create(uploaded.file_id, "mine")
    for number in range(120):
        api.create(api.upload(f"{number}.jsonl", b"{}").file_id, str(number))
    assert api.find_upload("mine.jsonl", now) == uploaded
    assert api.find("mine", now) == created
    assert api.find_upload("yours.jsonl", now) is None
    assert api.find("yours", now) is None
    pages = there.count("GET", "/batches")
    assert api.find("mine", now + 7200) is None, "of an earlier time"
    assert there.count("GET", "/batches") == pages + 1
    assert api.lines(uploaded.file_id) == [b'{"a": 1}', b'{"b": 2}']


def test_what_is_gone_is_no_error(writer: Writer, there: BatchApi) -> None:
    api = writer.batches
    uploaded = api.upload("mine.jsonl", b"")
    created = api.create(uploaded.file_id, "mine")
    there.complete(created.remote_id)
    api.cancel(created.remote_id)
    assert api.get(created.remote_id).status == "completed"
    for _ in range(2):
        api.delete(uploaded.file_id)
    assert api.lines(uploaded.file_id) == []


def refuse(status: int, code: str) -> Callable[[str, str], tuple[int, dict[str, object]]]:
    return lambda method, path: (status, {"error": {"message": f"{code} sk-secret", "code": code}})


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (401, "invalid_api_key", errors.WrongKey),
        (429, "insufficient_quota", errors.QuotaExceeded),
        (429, "rate_limit_exceeded", errors.Busy),
        (400, "token_limit_exceeded", errors.QueueFull),
        (500, "server_error", errors.ModelFailed),
        (400, "invalid_value", errors.RequestRejected),
    ],
)
def test_each_refusal_is_the_error_that_it_is_of_a_caption(
    writer: Writer, there: BatchApi, status: int, code: str, error: type[errors.StudioError]
) -> None:
    there.refuses = refuse(status, code)
    with pytest.raises(errors.StudioError) as raised:
        writer.batches.create("file-1", "mine")
    assert type(raised.value) is error
    assert "sk-secret" not in str(raised.value)


def test_a_server_without_it_is_asked_once_in_a_while(writer: Writer, openai: Endpoint) -> None:
    for _ in range(2):
        with pytest.raises(errors.NoBatchApi):
            writer.batches.require("gpt-6-luna")
    with pytest.raises(errors.NoBatchApi):
        writer.batches.require("demo")
    openai.close()
    with pytest.raises(errors.NoBatchApi):
        writer.batches.require("gpt-6-luna")


def test_a_server_that_cannot_be_reached_is_not_one_without_it(writer: Writer, openai: Endpoint) -> None:
    openai.close()
    with pytest.raises(errors.ModelUnreachable):
        writer.batches.require("gpt-6-luna")
