"""Everything that is wrong with a file of rows is said in a sentence."""

from lib.domain.errors import SheetError, SheetTooWide
from lib.domain.errors.base import family
from lib.i18n import words


def test_every_error_of_a_file_has_a_sentence_and_blames_the_file() -> None:
    assert len(family(SheetError)) > 10
    for error in family(SheetError).values():
        assert words.error("ko", error()) != words.error("en", error())
        assert 400 <= error.status < 500
    assert "16,384" in words.error("en", SheetTooWide(columns=16_384, most=200))
