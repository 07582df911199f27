""":mod:`lib.i18n.numbers` in the reader's language."""

from __future__ import annotations

from lib.i18n import numbers
from lib.ui.core.words import in_readers_language

amount = in_readers_language(numbers.amount)
usd = in_readers_language(numbers.usd)
krw = in_readers_language(numbers.krw)
milliseconds = in_readers_language(numbers.milliseconds)
share = in_readers_language(numbers.share)
change = in_readers_language(numbers.change)
