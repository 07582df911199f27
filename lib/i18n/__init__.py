"""Words, numbers and dates for readers, in Korean and English; the language is always the first argument."""
