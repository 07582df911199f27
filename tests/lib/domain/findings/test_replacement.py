"""What a fact of a caption is said instead of."""

from lib.domain.findings.brief_facts import BriefFacts, read
from lib.domain.findings.replacement import nearest, otherwise


def test_the_same_words_go_before_the_nearest_value() -> None:
    brief = BriefFacts("라떼 5,500원, 케이크 7,000원", "")
    text = "라떼 6,900원"
    assert nearest(read(text)[0], text, brief, brief.of("money")).text == "5,500원"
    assert nearest(read("6,900원")[0], "6,900원", brief, brief.of("money")).text == "7,000원"


def test_a_price_far_from_all_of_the_brief_is_absent() -> None:
    brief = BriefFacts("라떼 5,500원", "")
    for text, status in (("4,900원", "different"), ("49,000원", "absent")):
        assert otherwise(brief, read(text)[0], text, brief.of("money")).status == status
