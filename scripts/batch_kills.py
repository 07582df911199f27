"""``python -m scripts.batch_kills [ROWS]``: a batch is written while workers, the database and the app are killed.

Five workers are killed and one is stopped for a minute; the database is stopped once and silent for 40 s; the app is
killed; one request in ten is answered by 429 and one in twenty by 500. Ends with 1 where a row has no end, was asked
for again after its answer arrived, or where the books differ from the endpoint's ledger. Takes about ten minutes.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.support.batch_kills import Plan, run


def main(count: int) -> int:
    """Run it, and print how it went; returns the exit code."""
    with tempfile.TemporaryDirectory(prefix="feed-studio-kills-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        outcome = run(Plan(count), folder, lambda text: print(text, flush=True))
    print(f"{count} rows in {outcome.took_s:.0f} s: {dict(outcome.statuses)}, reasons {dict(outcome.reasons)}")
    answered = Counter("not answered" if bill.status is None else str(bill.status) for bill in outcome.bills)
    print(f"ledger: {len(outcome.bills)} requests, by answer {dict(answered)}")
    print(f"books: {outcome.outcomes.total()} attempts {dict(outcome.outcomes)}, spent {outcome.spent_usd} USD")
    for wrong in outcome.wrong:
        print(f"WRONG: {wrong}")
    print("Every row has ended, none was asked for twice, and the books agree." if not outcome.wrong else "")
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 500))
