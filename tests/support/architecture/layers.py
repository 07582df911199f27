"""Rules 1 to 4: who may import whom. Loosening a rule is an edit of this file, for everyone to see."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from tests.support.architecture.tree import Offence, Tree, within

LAYERS = {
    "domain": ("domain", "settings"),
    "adapters": ("store", "llm", "demo", "embedded_postgres", "i18n"),
    "composition": ("studio",),
    "use cases": ("generation", "feeds", "metrics", "access", "exports", "batches", "experiments"),
    "doors": ("ui", "api", "cli", "worker"),
}
"""The entries of ``lib``, lowest layer first. An entry imports from its own layer and from lower ones."""

USE_CASES_IMPORT = {
    "feeds": ("generation",),
    "exports": ("metrics", "feeds"),
    "batches": ("generation", "feeds", "exports", "metrics", "access"),
    "experiments": ("generation", "metrics", "batches", "exports"),
}
"""Which other use cases a use case imports."""

SHARED_IN_UI = ("core", "components", "feed")
"""The folders of ``lib/ui`` that its other folders import."""

ONLY_IN = {
    "streamlit": ("app.py", "pages/", "lib/ui/"),
    "babel": ("lib/i18n/",),
    "plotly": ("app.py", "pages/", "lib/ui/"),
    "sqlalchemy": ("lib/store/", "lib/studio.py"),
    "alembic": ("lib/store/", "lib/studio.py"),
    "psycopg2": ("lib/store/", "lib/studio.py", "lib/embedded_postgres/"),
    "openai": ("lib/llm/client.py", "lib/llm/streaming.py", "lib/llm/batch_api.py"),
    "fastapi": ("lib/api/",),
    "fastapi_offline": ("lib/api/docs.py",),
    "starlette": ("app.py", "lib/api/"),
    "os.environ": ("lib/settings.py", "lib/embedded_postgres/"),  # embedded hands it on to PostgreSQL's own programs
    "os.getenv": ("lib/settings.py",),
}
"""What only these files import or, for the environment, read."""

PURE = ("regex", "pydantic_core", "genai_prices", "publicsuffixlist")
"""The libraries that ``lib/domain`` uses besides Python's own; ``genai_prices`` is a table of dated prices."""

INPUT_AND_OUTPUT = (
    "os",
    "io",
    "pathlib",
    "shutil",
    "socket",
    "subprocess",
    "sqlite3",
    "tempfile",
    "urllib.request",
    "http",
)
"""Parts of Python's library that ``lib/domain`` leaves to others."""

HEIGHT = {entry: height for height, entries in enumerate(LAYERS.values()) for entry in entries}


def entry_of(name: str) -> str:
    """``store`` for ``lib/store/feeds.py`` and for ``lib.store.feeds``; empty for what is outside ``lib``."""
    parts = re.split(r"[/.]", name)
    return parts[1] if parts[0] == "lib" and len(parts) > 1 and not parts[1].startswith("__") else ""


def downward(tree: Tree) -> Iterator[Offence]:
    """Rule 1: imports only go down, each outside library has its place, and the domain is pure."""
    for module in tree.modules:
        entry = entry_of(module.file)
        if entry and entry not in HEIGHT:
            yield Offence(module.file, entry, "give this entry of lib a layer in LAYERS")
        for name in module.imports:
            if HEIGHT.get(entry_of(name), 0) > HEIGHT.get(entry, len(LAYERS)):
                yield Offence(module.file, name, "is in a higher layer; imports only go down")
            if entry == "domain" and not _is_pure(name):
                yield Offence(module.file, name, f"lib/domain imports Python's pure library and {', '.join(PURE)} only")
        for name in (*module.imports, *_reads_of_os(module.text)):
            for library, places in ONLY_IN.items():
                if within(name, library) and not module.file.startswith(places):
                    yield Offence(module.file, name, f"only {', '.join(places)} may use it")


def _is_pure(name: str) -> bool:
    if name.startswith("lib."):
        return True  # the layers decide
    outside = name.partition(".")[0]
    return outside in PURE or (
        outside in sys.stdlib_module_names and not any(within(name, module) for module in INPUT_AND_OUTPUT)
    )


def _reads_of_os(text: str) -> set[str]:
    return set(re.findall(r"\bos\.(?:environ|getenv)\b", text))


def separate_doors(tree: Tree) -> Iterator[Offence]:
    """Rule 2: ``api``, ``ui`` and ``cli`` never import one another, and only ``ui`` and the pages load Streamlit."""
    doors = LAYERS["doors"]
    for module in tree.modules:
        entry = entry_of(module.file)
        for name in module.imports:
            other = entry_of(name)
            if other in doors and other != entry and entry:
                yield Offence(module.file, name, "api, ui and cli share what is below them, never one another")


def written_use_cases(tree: Tree) -> Iterator[Offence]:
    """Rule 3: a use case imports another one only along the written list."""
    cases = LAYERS["use cases"]
    for module in tree.modules:
        entry = entry_of(module.file)
        for name in module.imports:
            other = entry_of(name)
            if entry in cases and other in cases and other not in (entry, *USE_CASES_IMPORT.get(entry, ())):
                yield Offence(
                    module.file, name, f"add {other} to USE_CASES_IMPORT of {entry}, or move what both need down"
                )


def pages_apart(tree: Tree) -> Iterator[Offence]:
    """Rule 4: a page's folder of ``lib/ui`` is its own; only core, components and feed are shared."""
    for module in tree.modules:
        entry = module.folders[2] if module.file.startswith("lib/ui/") and len(module.folders) > 2 else ""
        for name in module.imports:
            parts = name.split(".")
            if parts[:2] != ["lib", "ui"] or len(parts) < 3:
                continue
            other = parts[2]
            if other == "shell" and entry != "shell" and module.file != "pages/_navigation.py":
                yield Offence(module.file, name, "only pages/_navigation.py imports the shell")
            elif entry and other != entry and other not in SHARED_IN_UI:
                yield Offence(module.file, name, f"move what both need to {', '.join(SHARED_IN_UI[:-1])} or feed")
