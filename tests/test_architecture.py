"""Who may import whom, and what no file may contain. Loosening a rule is an edit here, for everyone to see."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.support.project import ROOT

LAYERS = {
    "domain": ("domain", "settings"),
    "adapters": ("store", "llm", "demo", "embedded_postgres"),
    "composition": ("studio",),
    "use cases": ("generation", "feeds", "metrics", "access", "exports"),
    "doors": ("ui", "api", "cli"),
}
"""The packages of ``lib``, lowest layer first: a package imports from its own layer and from those above it here."""

HEIGHT = {module: height for height, modules in enumerate(LAYERS.values()) for module in modules}

ONLY_IN = {
    "streamlit": ("app.py", "pages/", "lib/ui/"),
    "plotly": ("app.py", "pages/", "lib/ui/"),
    "sqlalchemy": ("lib/store/", "lib/studio.py"),
    "alembic": ("lib/store/", "lib/studio.py"),
    "psycopg2": ("lib/store/", "lib/studio.py", "lib/embedded_postgres/"),
    "openai": ("lib/llm/client.py", "lib/llm/streaming.py"),
    "fastapi": ("lib/api/",),
    "fastapi_offline": ("lib/api/docs.py",),
    "starlette": ("lib/api/",),
    "os.environ": ("lib/settings.py", "lib/embedded_postgres/"),  # embedded hands it on to PostgreSQL's own programs
    "os.getenv": ("lib/settings.py",),
}
"""What only these files may import or, for the environment, read."""

PAGES_NEVER_IMPORT = ("lib.llm.client", "lib.api")

FORBIDDEN_TEXT = r"files\.pythonhosted|pypi\.org|registry\.npmjs|deb\.debian\.org|(^|[^A-Za-z0-9_.])/(home|root|Users)/"
"""Hosts of package registries, and absolute paths of somebody's machine, as ``git grep -E`` reads them."""


def sources() -> list[Path]:
    found = [ROOT / "app.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "lib").rglob("*.py")]
    return sorted(path for path in found if path.exists())


def imports(path: Path) -> Iterator[str]:
    """The full names of all that a file imports, wherever in the file, and of what it reads of ``os``."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            near = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*near, *filter(None, [node.module])))
            yield from (f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
            yield f"os.{node.attr}"


def within(name: str, module: str) -> bool:
    return name == module or name.startswith(module + ".")


def every_import() -> Iterator[tuple[str, str]]:
    return ((path.relative_to(ROOT).as_posix(), name) for path in sources() for name in imports(path))


def lib_module(path_or_name: str) -> str:
    """``lib/store/feeds.py`` and ``lib.store.feeds.add`` are both of ``store``; ``lib/__init__.py`` is of nothing."""
    parts = re.split(r"[/.]", path_or_name)
    return parts[1] if parts[0] == "lib" and len(parts) > 1 and parts[1] != "__init__" else ""


def test_every_module_of_lib_has_a_layer() -> None:
    present = {module for path in sources() if (module := lib_module(path.relative_to(ROOT).as_posix()))}
    unknown = sorted(present - HEIGHT.keys())
    assert not unknown, f"Give lib/{unknown[0]} a layer: add it to LAYERS in {Path(__file__).name}."


def test_imports_only_go_down() -> None:
    """``app.py`` and the pages stand on everything; a module without a layer fails the test before this one."""
    upward = [
        f"{file} imports {name}"
        for file, name in every_import()
        if HEIGHT.get(lib_module(name), 0) > HEIGHT.get(lib_module(file), len(LAYERS))
    ]
    assert not upward, "\n".join(upward)


def test_each_outside_library_has_its_place() -> None:
    misplaced = [
        f"{file} imports {name}; only {', '.join(places)} may"
        for file, name in every_import()
        for library, places in ONLY_IN.items()
        if within(name, library) and not file.startswith(places)
    ]
    assert not misplaced, "\n".join(misplaced)


def test_pages_go_through_the_use_cases() -> None:
    shortcuts = [
        f"{file} imports {name}"
        for file, name in every_import()
        for hidden in PAGES_NEVER_IMPORT
        if within(name, hidden) and file.startswith("pages/")
    ]
    assert not shortcuts, "\n".join(shortcuts)


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if not (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").splitlines()[:1]
    ]
    assert not silent, f"These begin without a sentence on their purpose: {', '.join(silent)}"


def test_no_file_names_a_registry_or_somebodys_folder() -> None:
    found = subprocess.run(
        ["git", "grep", "--no-index", "--exclude-standard", "-nIE", FORBIDDEN_TEXT],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert found.returncode == 1, found.stdout + found.stderr  # git grep's 1: it searched, and there is nothing


def test_everything_the_app_needs_is_pinned() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    loose = [line for line in lines if not re.fullmatch(r"#.*|\s*|[\w.\-]+(\[[\w,\-]+\])?==[\w.]+", line)]
    assert not loose, f"Pin these with ==: {', '.join(loose)}"
