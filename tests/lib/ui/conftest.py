"""The pages, for the tests of their parts."""

from tests.pages.conftest import (
    captions,
    job,
    keys,
    open_history,
    open_jobs,
    open_page,
    packages_searched_once,
    page,
)

__all__ = [
    "captions",
    "job",
    "keys",
    "open_history",
    "open_jobs",
    "open_page",
    "packages_searched_once",
    "page",
]
