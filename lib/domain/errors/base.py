"""The base of every error that Feed Studio raises on purpose, and the problems of single fields."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypeVar

E = TypeVar("E", bound="StudioError")


@dataclasses.dataclass(frozen=True)
class Problem:
    """One thing wrong with one field: ``problem.<code>`` in the words files is its sentence, ``params`` fill it."""

    field: str
    code: str
    params: dict[str, Any] = dataclasses.field(default_factory=dict)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Problem:
        """The problem as an attempt's record has it; what only a newer release records of it is left out."""
        return cls(str(record.get("field", "")), str(record.get("code", "")), dict(record.get("params") or {}))

    def __str__(self) -> str:
        values = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.field}: {self.code}" + (f" ({values})" if values else "")


class StudioError(Exception):
    """Something went wrong in Feed Studio.

    ``error.<code>`` in the words files is the sentence for people, in each language, and ``params`` fill it
    (:func:`lib.i18n.words.error`). ``str(error)`` is for logs: the code and the params. Anything that is not a
    ``StudioError`` is a bug, and must crash loudly into the log.
    """

    code: ClassVar[str] = "studio_error"
    """Stable, for programs and for the record of an attempt."""
    status: ClassVar[int] = 500
    """The HTTP status that the API answers with."""
    retryable: ClassVar[bool] = False
    """Whether the same request, sent again unchanged, may succeed."""

    def __init__(self, problems: Iterable[Problem | Mapping[str, Any]] | str = (), **params: Any) -> None:
        """``problems`` of single fields may be as :meth:`as_json` recorded them; older records have only a text."""
        recorded = () if isinstance(problems, str) else problems
        self.problems = [each if isinstance(each, Problem) else Problem.from_json(each) for each in recorded]
        self.params = params
        reasons = "; ".join([*map(str, self.problems), *(f"{name}={value}" for name, value in params.items())])
        super().__init__(f"{self.code} ({reasons})" if reasons else self.code)

    def as_json(self) -> dict[str, Any]:
        """The arguments for the record of an attempt; :func:`from_code` makes the error from them again."""
        problems = [dataclasses.asdict(problem) for problem in self.problems]
        return {**self.params, "problems": problems} if problems else dict(self.params)


class OfAnotherRelease(StudioError):
    """An attempt's record names an error that this release does not know; ``named`` is its code."""

    code = "of_another_release"


class Invalid(StudioError):
    """Base of errors about fields: ``problems`` holds what is wrong with each of them."""

    code = "invalid_fields"
    status = 422


def from_code(code: str, params: Mapping[str, Any]) -> StudioError:
    """The error with this code and these parameters; :class:`OfAnotherRelease` if no class has the code."""
    error = family(StudioError).get(code)
    return error(**params) if error else OfAnotherRelease(named=code)


def family(base: type[E]) -> dict[str, type[E]]:
    """The class and all below it, by code."""
    classes = {base.code: base}
    for subclass in base.__subclasses__():
        classes |= family(subclass)
    return classes
