"""The audit of dependencies finds a release with a known weakness, and knows packages that are installed."""

from __future__ import annotations

from scripts import audit

ADVISORY = {"package": "streamlit", "id": "CVE-2024-42474", "fixed": "1.37.0"}


def test_no_locked_package_has_a_known_weakness() -> None:
    assert audit.main() == 0


def test_an_older_release_is_named_with_the_release_that_mends_it() -> None:
    lock = "# made by a tool\nStreamlit==1.36.0 \\\n    --hash=sha256:1\nnumpy==2.4.6 ; python_full_version < '3.12'\n"
    (sentence,) = audit.weaknesses(audit.locked(lock), [ADVISORY])
    assert "streamlit 1.36.0 has CVE-2024-42474; it is fixed in 1.37.0" in sentence
    assert audit.weaknesses(audit.locked(lock.replace("1.36.0", "1.37.0")), [ADVISORY]) == []


def test_the_list_is_of_packages_that_are_installed() -> None:
    names = {name for lock in audit.LOCKS for name, _ in audit.locked((audit.ROOT / lock).read_text("utf-8"))}
    assert {advisory["package"] for advisory in audit.known()} <= names
    assert len(names) > 80
