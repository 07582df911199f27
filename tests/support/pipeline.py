"""The upstream pipeline's last step, in a process of its own: asks for the feed of every job, twice, until it has it.

``python -m tests.support.pipeline FOLDER JOB...`` reads the API's address and key from files of the folder before each
call, because the server may be started again elsewhere, and prints a line of JSON for each job: how its step ended.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2

from tests.support.patience import PATIENCE_S

TRIES = 3
BRIEF = {
    "tenant_id": "acme",
    "refined_ad_copy_eng": "Slow mornings, warm bread.",
    "tone_style": "따뜻하고 친근하게",
    "product_description": "저온에서 하루 숙성한 통밀 식빵",
    "store_information": "연남동 골목의 작은 빵집 '온기'",
    "gpt_prompt": "짧은 문장으로 줄을 나눠 써 주세요.",
}

Told = dict[str, Any]


def ask(client: httpx2.Client, folder: Path, job_id: str, number: int) -> tuple[int, Told]:
    """One try of a step, repeated under its key for as long as the answer is not known."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            answer = client.post(
                (folder / "address").read_text() + "/api/v1/feeds",
                json=BRIEF | {"job_id": job_id},
                headers={
                    "Authorization": f"Bearer {(folder / 'key').read_text()}",
                    "Idempotency-Key": f"{job_id}/{number}",
                },
            )
        except httpx2.TransportError:
            pause = 0.5  # the server is gone: the same call finds what became of it
        else:
            told = answer.json()
            again = answer.status_code >= 400 and told["retryable"] and not told.get("key_is_spent")
            if not again:
                return answer.status_code, told
            pause = float(answer.headers.get("retry-after", 1))
        if time.monotonic() > until:
            raise TimeoutError(job_id)
        time.sleep(pause)


def run_step(client: httpx2.Client, folder: Path, job_id: str) -> Told:
    """The step as the pipeline runs it: each try is sent twice at once, and a failed one is tried again."""
    statuses = []
    for number in range(1 + TRIES):
        with ThreadPoolExecutor(2) as both:
            calls = [both.submit(ask, client, folder, job_id, number) for _ in range(2)]
            (status, told), (other, same) = (call.result() for call in calls)
        statuses.append(status)
        if status < 300:
            one = told["instagram_feed_id"] == same.get("instagram_feed_id")
            return {"job_id": job_id, "feed_id": told["instagram_feed_id"], "statuses": statuses, "one": one}
        if (status, told["attempt_id"]) != (other, same["attempt_id"]):
            raise AssertionError((told, same))
    return {"job_id": job_id, "feed_id": None, "statuses": statuses, "one": True}


if __name__ == "__main__":
    where, job_ids = Path(sys.argv[1]), sys.argv[2:]
    with ThreadPoolExecutor(len(job_ids)) as steps, httpx2.Client(timeout=PATIENCE_S) as client:
        for ended in steps.map(lambda job_id: run_step(client, where, job_id), job_ids):
            print(json.dumps(ended))
