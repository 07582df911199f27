"""Findings as the page draws them: marked in the text, in the reader's words."""

from lib.domain.findings.fact import Finding
from lib.ui.feed.findings import sentence, stretches


def test_each_place_is_marked_once_and_the_text_stays_whole() -> None:
    text = "식빵 4,900원, 12/25"
    findings = [Finding("facts", "fact_different", start=3, end=9), Finding("facts", "x", start=5, end=9),
                Finding("facts", "fact_absent", start=11, end=16)]  # fmt: skip
    marked = stretches(text, findings)
    assert [piece for kind, piece in marked if kind == "found"] == ["4,900원", "12/25"]
    assert "".join(piece for _, piece in marked) == text


def test_a_sentence_says_what_the_brief_says() -> None:
    finding = Finding("facts", "fact_different", start=0, end=6, text="4,900원", brief="6,900원")
    assert sentence(finding) == "“4,900원” → 브리프에는 “6,900원”"
