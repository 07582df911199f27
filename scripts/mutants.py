"""Plants mistakes in the walls between teams, one at a time in a copy, and says which ones the tests notice.

``python -m scripts.mutants [PART ...]``: each policy dropped, each condition on the team removed, each lock and cached
result without its team; ``PART`` chooses mutants by a part of their names. All of them take about an hour; they come
in a drawn order, so that the first fifty are a sample (``MOST=50``).
All runs use one database server, and copy the same first rows.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lib.embedded_postgres.server import EmbeddedPostgres
from lib.store import migrations
from lib.store.tables import Base
from scripts.postgres import KEPT_IN, KEPT_ROWS

ROOT = Path(__file__).resolve().parent.parent
LEAST_NOTICED = 0.9
TIMEOUT_S = 600
"""Seconds after which a test run that hangs has noticed its mutant."""

_WALK = "tests/walls/test_walk.py"
_AT_WORK = ("would_write_alone", "use_case", "route_of")
"""Tests of the walk that any statement may concern."""
_LARGE = ("alembic.command", "fastapi", "openai", "pandas", "psycopg2", "plotly.graph_objects", "streamlit.starlette")
"""Packages that every run would take seconds to load."""
_PYTEST = (
    *("-x", "-q", "-n0", "-rfE", "--tb=short", "-p", "no:cacheprovider"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # what is loaded has no asserts of ours
)
_LOADING = """
from alembic import op

from lib.store import functions

revision, down_revision, branch_labels, depends_on = "9999", "{head}", None, None


def upgrade() -> None:
    functions.load(op.get_bind(), "{name}")
"""
_NO_CONDITION = '__import__("sqlalchemy").true()'
_COMPARED = re.compile(r"[\w.]*\btenant_id == (?:[\w.]+(?:\(\"\w+\"\))?)")
_IN_SQL = re.compile(r"(?<![\w.])(?:\w+\.)?tenant_id(?: \|\| '')? = (?::\w+|\w+(?:\.\w+)?)")
_REFUSED = re.compile(r"[\w.]*\btenant_id != [\w.]+(?:\(\))?")
_GUARDS = {
    "tenant IS DISTINCT FROM nullif(current_setting('app.tenant_id', true), '')": "false",
    "'i.tenant_id = ' || quote_literal(tenant)": "'true'",
    "AND nullif(current_setting('app.tenant_id', true), '') IS NULL": "",
    "coalesce(nullif(current_setting('app.tenant_id', true), ''), k.tenant_id)": "k.tenant_id",
}
_LOCKS = {
    "lib/store/api_keys.py": ('f"studio_api_keys {tenant_id} {name}"', 'f"studio_api_keys {name}"'),
    "lib/store/metrics/counting.py": ("'studio_metrics:' || :tenant", "'studio_metrics:' || left(:tenant, 0)"),
    "lib/store/tenant_changes.py": (
        'literal("studio_tenant_changes ") + bindparam("tenant")',
        'func.left(literal("studio_tenant_changes ") + bindparam("tenant"), 8)',
    ),
}
_POLICIES = {True: ("studio_tenant", "studio_owner"), False: ("studio_wall", "studio_app", "studio_others")}
_FUNCTIONS = ROOT / "lib" / "store" / "functions"
_RAISE = "lib/store/functions/studio_raise_walls.sql"
_CACHE = "lib/ui/core/cache.py"
NAMED = (
    "lib/store/functions/studio_count_feeds.sql: guard",
    "lib/store/generations.py: get",
    "lib/store/api_keys.py: lock_name",
    "lib/ui/core/cache.py: _count",
)
"""Four mistakes that once passed every test: they come first."""


@dataclass(frozen=True)
class Mutant:
    """One mistake: the file with other text, and the tests that could notice it."""

    name: str
    file: str
    text: str
    tests: tuple[str, ...]


def mutants() -> list[Mutant]:
    """All of them, :data:`NAMED` first and the others in a drawn order."""
    planted = [*_policies(), *_conditions(), *_locks(), *_caches()]
    random.Random(1).shuffle(planted)
    return sorted(planted, key=lambda mutant: not mutant.name.startswith(NAMED))


def _policies() -> Iterator[Mutant]:
    text = (ROOT / _RAISE).read_text("utf-8")
    end = text.rindex("END $$;")
    for table in Base.metadata.sorted_tables:
        if "tenant_id" in table.columns:
            for policy in _POLICIES[table.name.startswith("studio_")]:
                dropped = f"    DROP POLICY IF EXISTS {policy} ON {table.name};\n"
                tests = ("tests/walls/test_catalogue.py", "tests/walls/test_bar.py")
                yield Mutant(f"{_RAISE}: {policy} on {table.name}", _RAISE, text[:end] + dropped + text[end:], tests)


def _conditions() -> Iterator[Mutant]:
    for path in sorted((ROOT / "lib").rglob("*")):
        file = path.relative_to(ROOT).as_posix()
        if path.suffix not in (".py", ".sql") or "/migrations/" in file or "/tables/" in file or file == _RAISE:
            continue
        text = path.read_text("utf-8")
        places = [(match, "False") for match in _REFUSED.finditer(text)]
        if file.startswith("lib/store/"):
            places += [(match, "true") for match in _IN_SQL.finditer(text) if not _is_assignment(text, match)]
            places += [(match, _NO_CONDITION) for match in _COMPARED.finditer(text)]
        places += [(match, new) for old, new in _GUARDS.items() for match in re.finditer(re.escape(old), text)]
        for match, new in places:
            line = text.count("\n", 0, match.start()) + 1
            kind = "guard" if match[0] in _GUARDS else _function_around(text, match.start()) or "statement"
            changed = text[: match.start()] + new + text[match.end() :]
            yield Mutant(f"{file}: {kind}, line {line}: {match[0]}", file, changed, _tests_of(path))


def _is_assignment(text: str, match: re.Match[str]) -> bool:
    """Whether it is Python's own ``tenant_id = ...``, or a comment."""
    start = text.rindex("\n", 0, match.start()) + 1
    return (not text[start : match.start()].strip() and match[0].startswith("tenant_id = ")) or "--" in text[
        start : match.start()
    ]


def _function_around(text: str, at: int) -> str:
    return next(iter(re.findall(r"^def (\w+)", text[:at], re.MULTILINE)[-1:]), "")


def _tests_of(path: Path) -> tuple[str, ...]:
    """The walk of the module and its own tests first, then the walk of use cases and routes.

    A function of the database that no module calls is a trigger's, or one of the list's.
    """
    users = [path] if path.suffix == ".py" else _users(path.stem if path.parent == _FUNCTIONS else path.name)
    if not users:
        return (_WALK, "-k", " or ".join(["feed_listing", *_AT_WORK]))
    modules = [".".join(user.relative_to(ROOT).with_suffix("").parts) for user in users]
    own = [Path("tests", user.relative_to(ROOT).parent, f"test_{user.stem}.py") for user in users]
    files = [file.as_posix() for file in own if (ROOT / file).exists()]
    return (_WALK, *files, "-k", " or ".join([*modules, *(file.stem for file in own), *_AT_WORK]))


def _users(name: str) -> list[Path]:
    """The modules of the store that name a function of the database, or the file of a statement."""
    modules = sorted((ROOT / "lib" / "store").rglob("*.py"))
    is_named = re.compile(rf"\b{re.escape(name)}\b")
    return [
        path
        for path in modules
        if not {"migrations", "tables"} & set(path.parts) and is_named.search(path.read_text("utf-8"))
    ]


def _memory() -> str | None:
    """Where the databases are quickest."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _locks() -> Iterator[Mutant]:
    for file, (old, new) in _LOCKS.items():
        text = (ROOT / file).read_text("utf-8")
        yield Mutant(f"{file}: {_function_around(text, text.index(old)) or 'lock'}, without its team", file,
                     text.replace(old, new), (_WALK, "-k", "waits"))  # fmt: skip


def _caches() -> Iterator[Mutant]:
    """Streamlit leaves a parameter that begins with an underscore out of the key."""
    text = (ROOT / _CACHE).read_text("utf-8")
    for match in re.finditer(r"@st\.cache_data.*?(?=\n@st|\Z)", text, re.DOTALL):
        name = re.search(r"def (\w+)", match[0])
        changed = re.sub(r"\btenant_id\b", "_tenant_id", match[0])
        if name and changed != match[0]:
            yield Mutant(f"{_CACHE}: {name[1]}, kept without its team", _CACHE,
                         text.replace(match[0], changed), (_WALK, "-k", "kept"))  # fmt: skip


def _no_mistake() -> Mutant:
    """Its run makes the rows that the others copy."""
    return Mutant("no mistake", "README.md", (ROOT / "README.md").read_text("utf-8"), ("tests/walls/test_bar.py",))


def noticed_by(mutant: Mutant, copy: Path) -> str:
    """The test that fails on the copy with this mistake in it, or an empty text; afterwards the copy is as it was.

    A function of the database is loaded by a further revision, as who changes it would have it.
    """
    path = copy / mutant.file
    is_function = (ROOT / mutant.file).parent == _FUNCTIONS
    revision = copy / "lib" / "store" / "migrations" / "versions" / "9999_planted.py"
    if is_function:
        revision.write_text(_LOADING.format(head=migrations.newest(), name=path.stem), "utf-8")
    original = path.read_text("utf-8")
    path.write_text(mutant.text, "utf-8")
    process = multiprocessing.get_context("fork").Process(target=_run_tests, args=(copy, mutant.tests, is_function))
    process.start()
    process.join(TIMEOUT_S)
    process.kill()
    process.join()
    path.write_text(original, "utf-8")
    revision.unlink(missing_ok=True)
    if process.exitcode == 0:
        return ""
    if process.exitcode == -signal.SIGKILL:
        return f"no end within {TIMEOUT_S} s"
    said = (copy / "said").read_text("utf-8")
    failed = re.search(r"^(?:FAILED|ERROR) (.*)", said, re.MULTILINE)
    if failed is None:
        raise RuntimeError(f"{mutant.name}: its tests did not run\n{said[-2000:]}")
    return failed[1]


def _run_tests(copy: Path, tests: tuple[str, ...], is_function: bool) -> None:
    """In a process of its own, which has the large packages loaded, and none of the project's modules."""
    if not is_function:  # whose database has to be made with it
        os.environ[KEPT_ROWS] = "yes"
    os.chdir(copy)
    sys.path = [str(copy), *(place for place in sys.path if place not in ("", str(ROOT)))]
    for name in [name for name in sys.modules if name.partition(".")[0] in ("lib", "scripts", "tests")]:
        del sys.modules[name]
    with Path("said").open("w") as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
        code = pytest.main([*_PYTEST, *tests])
        sys.stdout.flush()
        os._exit(code)


def main(parts: list[str]) -> int:
    """Plant them, print each, and say how many were noticed; 1 where that is too few."""
    chosen = [each for each in mutants() if not parts or any(part in each.name for part in parts)]
    chosen = chosen[: int(os.environ.get("MOST") or len(chosen))]
    survivors = []
    for package in _LARGE:
        importlib.import_module(package)
    with tempfile.TemporaryDirectory(prefix="mutants-", dir=_memory()) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's user has to get through
        copy = Path(folder, "copy")
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for name in listed.splitlines():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
        os.environ[KEPT_IN] = str(Path(folder, "postgres"))
        server = EmbeddedPostgres(Path(folder, "postgres"))
        server.start()
        if by := noticed_by(_no_mistake(), copy):
            raise RuntimeError(f"the tests fail without a mistake: {by}")
        for number, mutant in enumerate(chosen, 1):
            by = noticed_by(mutant, copy)
            survivors += [] if by else [mutant.name]
            print(f"{number}/{len(chosen)} {'noticed ' if by else 'SURVIVED'} {mutant.name}  {by[:150]}", flush=True)
        server.stop()
    noticed_share = 1 - len(survivors) / len(chosen) if chosen else 1.0
    print(f"{len(chosen)} planted, {len(chosen) - len(survivors)} noticed ({noticed_share:.0%})")
    return 0 if noticed_share >= LEAST_NOTICED else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
