"""What a generation costs on top of the model: our whole path against the bare SDK call on the same endpoint.

Both clients live in this process and take turns, so that whatever else the machine does falls on both alike. Ours
validates the brief, records the attempt, asks, spools, and stores, on a PostgreSQL that forces each commit to the disk.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import openai

from bench import database, endpoint, press
from bench.measure import Result, median, p95
from lib.domain import prompt
from lib.domain.brief import Brief, GenerationOptions
from lib.generation.submit import GenerationRequest, submit
from lib.studio import Studio

CALLS = 80
"""Of each client, one at a time."""
AT_ONCE = 32
ROUNDS = 4
CALLS_A_ROUND = 256
"""Of each client, while there are always ``AT_ONCE`` under way."""

Call = Callable[[], object]

BRIEF = {
    "tenant_id": "성수커피",
    "refined_ad_copy_eng": "A slow cup for a rainy Saturday",
    "tone_style": "따뜻하고 담백하게, 친구에게 말하듯",
    "product_description": "매일 아침 볶는 예가체프 핸드드립. 귤껍질 향과 구운 아몬드의 끝맛.",
    "store_information": "성수동 골목의 작은 로스터리, 창가 자리 여섯 개, 비 오는 날 음악은 낮게.",
    "gpt_prompt": "비 오는 주말에 오고 싶게 써 주세요. 짧은 줄로 나누고 이모지는 두 개까지만.",
}


@dataclass
class Client:
    """One of those who are compared, and what it took."""

    name: str
    call: Call
    took_ms: list[float] = field(default_factory=list)
    cpu_ms: float = 0.0
    """Of this process, over all the calls that were made one at a time."""
    busy_s: float = 0.0
    """Over all the rounds of calls made at once, which are counted between their first and their last wave."""

    @property
    def per_second(self) -> float:
        """Calls a second over all rounds."""
        return ROUNDS * CALLS_A_ROUND / self.busy_s


def run() -> list[Result]:
    """Measure; takes about four minutes."""
    with _clients() as (bare, ours, bare_streamed, ours_streamed):
        _one_at_a_time(bare, ours)
        _one_at_a_time(bare_streamed, ours_streamed)
        _at_once(bare, ours)
    results = [*_told(bare, ours, target=15.0), *_told(bare_streamed, ours_streamed, target=None)]
    at_once, share = f"{AT_ONCE} at once", 100 * ours.per_second / bare.per_second
    return [
        *results,
        *press.results(),
        Result("generation", f"{at_once}, bare", bare.per_second, "calls/s"),
        Result("generation", f"{at_once}, ours", ours.per_second, "calls/s"),
        Result("generation", f"{at_once}, ours of bare", share, "%", 90.0, "higher"),
    ]


@contextlib.contextmanager
def _clients() -> Iterator[tuple[Client, Client, Client, Client]]:
    options = GenerationOptions(model=endpoint.MODEL)
    with (
        tempfile.TemporaryDirectory(prefix="feed-studio-bench-") as folder,
        endpoint.serving() as base_url,
        contextlib.closing(openai.OpenAI(api_key="none", base_url=base_url, max_retries=0)) as sdk,
        database.serve(Path(folder), openai_base_url=base_url) as ours,
    ):
        messages = prompt.messages(Brief(**BRIEF), options.language)
        whole, streamed = (ours.writer.body(messages, options, stream=stream) for stream in (False, True))
        yield (
            Client("bare", lambda: sdk.chat.completions.create(**whole)),
            Client("ours", lambda: _generate(ours, options, stream=False)),
            Client("bare", lambda: list(sdk.chat.completions.create(**streamed))),
            Client("ours", lambda: _generate(ours, options, stream=True)),
        )


def _generate(ours: Studio, options: GenerationOptions, *, stream: bool) -> None:
    request = GenerationRequest(brief=Brief(**BRIEF), options=options, source="bench", stream=stream, threads=None)
    submit(ours, request).wait()


def _one_at_a_time(*clients: Client) -> None:
    for client in clients:
        for _ in range(5):
            client.call()
    for _ in range(CALLS):
        for client in clients:
            begun, cpu = time.perf_counter(), time.process_time()
            client.call()
            client.took_ms.append((time.perf_counter() - begun) * 1000)
            client.cpu_ms += (time.process_time() - cpu) * 1000


def _at_once(*clients: Client) -> None:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for _ in range(ROUNDS):
            for client in clients:
                client.busy_s += _round(threads, client)


def _round(threads: ThreadPoolExecutor, client: Client) -> float:
    """How many seconds ``CALLS_A_ROUND`` calls took, with one wave before them to set off and one after to end."""

    def ended(_: int) -> float:
        client.call()
        return time.perf_counter()

    all_ended = sorted(threads.map(ended, range(CALLS_A_ROUND + 2 * AT_ONCE)))
    return all_ended[CALLS_A_ROUND + AT_ONCE - 1] - all_ended[AT_ONCE - 1]


def _told(bare: Client, ours: Client, *, target: float | None) -> Iterator[Result]:
    how = "one at a time" if target else "one at a time, streamed"
    for client in (bare, ours):
        yield Result("generation", f"{how}, {client.name}, median", median(client.took_ms), "ms")
        yield Result("generation", f"{how}, {client.name}, p95", p95(client.took_ms), "ms")
        yield Result("generation", f"{how}, {client.name}, CPU of this process", client.cpu_ms / CALLS, "ms/call")
    more = median(ours.took_ms) - median(bare.took_ms)
    yield Result("generation", f"{how}, ours beyond bare at the median", more, "ms", target)
