"""A copy of the project as the rules read it: its Python files, what each imports, and where a rule is broken."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True, order=True)
class Offence:
    """A broken rule: the file, the name that breaks it, and a sentence that says what to do."""

    file: str
    name: str
    advice: str

    def __str__(self) -> str:
        return f"{self.file}: {self.name}: {self.advice}"


@dataclass(frozen=True)
class Module:
    """One Python file of the project."""

    root: Path
    file: str
    """Its path below the root, with forward slashes: ``lib/store/feeds.py``."""

    @property
    def name(self) -> str:
        """The name that an import uses: ``lib.store.feeds``."""
        return self.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders around the file: ``("lib", "store")``."""
        return tuple(self.file.split("/")[:-1])

    @cached_property
    def text(self) -> str:
        return (self.root / self.file).read_text(encoding="utf-8")

    @cached_property
    def syntax(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def imports(self) -> tuple[str, ...]:
        """Full names of everything that is imported anywhere in the file: ``lib.store.feeds.Feed``."""
        return tuple(self._imports())

    def _imports(self) -> Iterator[str]:
        for node in ast.walk(self.syntax):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                nearby = self.folders[: len(self.folders) - node.level + 1] if node.level else ()
                module = ".".join((*nearby, *filter(None, [node.module])))
                yield from (f"{module}.{alias.name}" for alias in node.names)

    @cached_property
    def local_names(self) -> dict[str, str]:
        """What each imported name stands for: ``{"feeds": "lib.store.feeds"}``."""
        return {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in ast.walk(self.syntax)
            if isinstance(node, ast.ImportFrom) and not node.level
            for alias in node.names
        }


@dataclass(frozen=True)
class Tree:
    """The project below ``root``."""

    root: Path

    @cached_property
    def modules(self) -> tuple[Module, ...]:
        """Every Python file of the app itself: ``app.py``, ``pages/`` and ``lib/``, in the order of their paths."""
        files = [self.root / "app.py", *(self.root / "pages").rglob("*.py"), *(self.root / "lib").rglob("*.py")]
        return tuple(
            Module(self.root, file.relative_to(self.root).as_posix()) for file in sorted(files) if file.exists()
        )

    def below(self, *folders: str) -> Iterator[Module]:
        """The modules whose path begins with one of ``folders``: ``"lib/ui/"``, or a file's own path."""
        return (module for module in self.modules if module.file.startswith(folders))


def within(name: str, module: str) -> bool:
    """Whether ``name`` is ``module`` or something inside it."""
    return name == module or name.startswith(module + ".")
