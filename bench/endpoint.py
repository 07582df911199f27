"""A stand-in for a model's server in a process of its own: every request is answered after :data:`ANSWERS_AFTER_S`.

``python -m bench.endpoint [SECONDS]`` listens on a free port of 127.0.0.1 and prints it. Asynchronous and on answers
made once, so that it takes little of the machine from who is measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

ANSWERS_AFTER_S = float(sys.argv[1]) if __name__ == "__main__" and len(sys.argv) > 1 else 0.2
"""From the request to the end of the answer; a streamed answer comes in equal steps until then."""

MODEL = "stand-in"

CAPTION = """\
비 오는 토요일, 창가 자리는 아직 비어 있어요 ☔

성수동 골목 끝 작은 로스터리에서 아침마다 볶는 원두로 내립니다.
첫 모금은 산뜻한 귤껍질 향, 끝에는 오래 남는 구운 아몬드.
설탕 없이도 달다는 말을 가장 많이 듣는 한 잔이에요.

오늘은 천천히 마셔도 괜찮은 날.
젖은 우산은 문 앞에 두고, 따뜻한 쪽 자리에 앉아 보세요.
저장해 두었다가 비 오는 주말에 꺼내 보세요 🤎"""
CONTENT = json.dumps(
    {
        "instagram_ad_copy": CAPTION,
        "hashtags": ["#성수동카페", "#핸드드립", "#비오는날카페", "#로스터리", "#주말나들이"],
    },
    ensure_ascii=False,
)
PIECES = [CONTENT[at : at + 4] for at in range(0, len(CONTENT), 4)]
"""About a token of Korean each."""

USAGE = {
    "prompt_tokens": 812,
    "completion_tokens": 236,
    "total_tokens": 1048,
    "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
}


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _event(delta: dict[str, Any] | None, finish_reason: str | None = None, **more: Any) -> bytes:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish_reason}]
    chunk = {"id": "chatcmpl-bench", "object": "chat.completion.chunk", "created": 1_795_300_000, "model": MODEL}
    return b"data: " + _json({**chunk, "choices": choices, **more}) + b"\n\n"


_WHOLE = _json(
    {
        "id": "chatcmpl-bench",
        "object": "chat.completion",
        "created": 1_795_300_000,
        "model": MODEL,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": CONTENT, "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": USAGE,
        "service_tier": "default",
    }
)
_STREAMED = [
    _event({"role": "assistant", "content": ""}),
    *(_event({"content": piece}) for piece in PIECES),
    _event({}, "stop"),
    _event(None, usage=USAGE) + b"data: [DONE]\n\n",
]

Message = dict[str, Any]


async def app(
    _scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Answer as OpenAI's chat completions do (ASGI)."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    request = b""
    more = True
    while more:
        message = await receive()
        request += message.get("body", b"")
        more = message.get("more_body", False)
    streamed = bool(json.loads(request).get("stream"))
    parts = _STREAMED if streamed else [_WHOLE]
    content_type = b"text/event-stream" if streamed else b"application/json"
    headers = [(b"content-type", content_type), (b"x-request-id", b"req_bench")]
    if not streamed:
        headers.append((b"content-length", str(len(_WHOLE)).encode()))
    for number, part in enumerate(parts, 1):
        await asyncio.sleep(begun + ANSWERS_AFTER_S * number / len(parts) - loop.time())
        if number == 1:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": part, "more_body": number < len(parts)})


@contextlib.contextmanager
def serving(answers_after_s: float = ANSWERS_AFTER_S) -> Iterator[str]:
    """The server in a process of its own while inside; yields the base URL for a client."""
    command = [sys.executable, "-m", "bench.endpoint", str(answers_after_s)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None or not (port := process.stdout.readline().strip()):
                raise RuntimeError("the endpoint did not start")
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()


if __name__ == "__main__":
    import uvicorn

    # asyncio sends at once only on a socket that names its protocol; Nagle's algorithm would add up to 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    config = uvicorn.Config(app, lifespan="off", log_level="warning", access_log=False, timeout_keep_alive=60)
    uvicorn.Server(config).run(sockets=[listening])
