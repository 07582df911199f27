"""Plants mistakes in the walls between teams, one at a time in a copy, and says which ones the tests notice.

``python -m scripts.mutants [PART ...]``: each policy dropped, each condition on the team removed, each lock and cached
result without its team; ``PART`` chooses mutants by a part of their names. They come in a drawn order, so that the
first fifty are a sample (``MOST=50``). All runs use one database server, and copy the same first rows; a changed
function is loaded into the databases that are copied.
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
from sqlalchemy import NullPool, create_engine, func, make_url, select

from lib.embedded_postgres.server import EmbeddedPostgres
from lib.store import functions
from lib.store.tables import Base
from scripts.postgres import KEPT_IN, KEPT_ROWS

ROOT = Path(__file__).resolve().parent.parent
LEAST_NOTICED = 0.9
TIMEOUT_S = 300
"""Seconds after which a test run that hangs has noticed its mutant."""

_TWINS, _WALK = "tests/walls/test_twins.py", "tests/walls/test_walk.py"
_AT_WORK = "reaches_another_team and not store"
"""Tests that any statement may concern."""
_KEPT = ("migrated", "settled", "twinned", "alone")
"""The databases that the tests copy."""
_LARGE = ("alembic.command", "fastapi", "openai", "pandas", "psycopg2", "plotly.graph_objects", "streamlit.starlette")
"""Packages that every run would take seconds to load."""
_PYTEST = (
    *("-x", "-q", "-n0", "-rfE", "--tb=short", "-p", "no:cacheprovider"),
    *("-p", "no:unraisableexception"),  # what the parent left behind is no mistake
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # what is loaded has no asserts of ours
)
_NO_CONDITION = '__import__("sqlalchemy").true()'
_INSIDE = "[^()]*"
for _ in range(4):  # brackets within brackets
    _INSIDE = rf"(?:[^()]|\({_INSIDE}\))*"
_COMPARED = re.compile(rf"[\w.]*\btenant_id == [\w.]+(?:\({_INSIDE}\))?")
_IN_SQL = re.compile(r"(?<![\w.])(?:\w+\.)?tenant_id(?: \|\| '')? = (?::\w+|%s|\w+(?:\.\w+)?)")
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
EQUIVALENT = {
    ("lib/store/metrics/count.sql", "AS has_generations,"): "it spares look-ups that find nothing",
    ("lib/store/metrics/count.sql", "AS has_states,"): "it spares look-ups that find nothing",
    ("lib/store/metrics/count.sql", "AS has_deleted"): "it spares look-ups that find nothing",
    (
        "lib/store/metrics/count.sql",
        "WHERE cells.tenant_id = tenant AND cells.kind = by_value.kind AND cells.facet = by_value.facet",
    ): "of one day too many, the shortest and the longest latency are looked up again, and found as they are",
    (
        "lib/store/functions/studio_batch_lanes.sql",
        "WHERE r.tenant_id = b.tenant_id AND r.batch_id = b.batch_id AND r.status = 'waiting'",
    ): "it finds models to look at, and the last condition keeps those of the team's waiting rows",
    (
        "lib/store/functions/studio_find_feeds.sql",
        "                'i.tenant_id = ' || quote_literal(tenant),",
    ): "it finds rows to look at, and the range of the index keeps those of the team",
    (
        "lib/store/metrics/counting.py",
        "WHERE feed.tenant_id = facts.tenant_id AND feed.instagram_feed_id = facts.row_id",
    ): "whether a caption of this id exists, whoever's it is, is asked as well",
    (
        "lib/store/metrics/counting.py",
        '_MODELS = text("SELECT DISTINCT model FROM studio_metric_tariffs WHERE tenant_id = :tenant")',
    ): "of a model that others alone have counted, the team has no tariffs to delete and no rows to count again",
}
"""Conditions that keep a statement quick and no teams apart, as file and end of the line: without one, all is alike."""
NAMED = (
    "lib/store/functions/studio_count_feeds.sql: guard",
    "lib/store/generations.py: get",
    "lib/store/api_keys.py: lock_name",
    "lib/ui/core/cache.py: _count",
)
"""Four mistakes that once passed every test: they come first."""


@dataclass(frozen=True)
class Mutant:
    """One mistake: the file with other text, and runs of the tests that could notice it, the likeliest first."""

    name: str
    file: str
    text: str
    runs: tuple[tuple[str, ...], ...]


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
                runs = (("tests/walls/test_catalogue.py",), ("tests/walls/test_bar.py",))
                yield Mutant(f"{_RAISE}: {policy} on {table.name}", _RAISE, text[:end] + dropped + text[end:], runs)


def _conditions() -> Iterator[Mutant]:
    for path in sorted((ROOT / "lib").rglob("*")):
        file = path.relative_to(ROOT).as_posix()
        if path.suffix not in (".py", ".sql") or "/migrations/" in file or "/tables/" in file or file == _RAISE:
            continue
        text = path.read_text("utf-8")
        places = [(match, "False") for match in _REFUSED.finditer(text)]
        if file.startswith("lib/store/"):
            places += [
                (match, "%s <> ''" if match[0].endswith("%s") else "true")
                for match in _IN_SQL.finditer(text)
                if not _is_assignment(text, match)
            ]
            places += [(match, _NO_CONDITION) for match in _COMPARED.finditer(text)]
        places += [(match, new) for old, new in _GUARDS.items() for match in re.finditer(re.escape(old), text)]
        for match, new in places:
            line = text.count("\n", 0, match.start()) + 1
            if any(of == file and text.splitlines()[line - 1].endswith(end) for of, end in EQUIVALENT):
                continue
            kind = "guard" if match[0] in _GUARDS else _function_around(text, match.start()) or "statement"
            changed = text[: match.start()] + new + text[match.end() :]
            yield Mutant(f"{file}: {kind}, line {line}: {match[0]}", file, changed, _runs_of(path))


def _is_assignment(text: str, match: re.Match[str]) -> bool:
    """Whether it is Python's own ``tenant_id = ...``, or a comment."""
    start = text.rindex("\n", 0, match.start()) + 1
    return (not text[start : match.start()].strip() and match[0].startswith("tenant_id = ")) or "--" in text[
        start : match.start()
    ]


def _function_around(text: str, at: int) -> str:
    return next(iter(re.findall(r"^def (\w+)", text[:at], re.MULTILINE)[-1:]), "")


def _runs_of(path: Path) -> tuple[tuple[str, ...], ...]:
    """The walk of the module, its own tests, then the walk of use cases and routes.

    A function of the database that no module calls is a trigger's, or one of the list's.
    """
    users = [path] if path.suffix == ".py" else _users(path.stem if path.parent == _FUNCTIONS else path.name)
    modules = [".".join(user.relative_to(ROOT).with_suffix("").parts) for user in users]
    own = [Path("tests", user.relative_to(ROOT).parent, f"test_{user.stem}.py") for user in users]
    own += [Path("tests", "pages", f"test_{path.parent.name}.py")] if "ui" in path.parts else []
    runs = [(file.as_posix(),) for file in own if (ROOT / file).exists()]
    if "ui" in path.parts:
        return tuple(runs)
    these = " or ".join(modules or ["feed_listing"])
    counted = ((_TWINS, "-k", "counts_and_stores or over_all_teams"),)
    walked = ((_TWINS, "-k", f"({these}) and not answers"), (_WALK, "-k", these))
    first = (*counted, *walked) if "metrics" in path.parts or not users else (*walked, *counted)
    return (*first, *runs, (_TWINS, "-k", "answers"), (_WALK, "-k", _AT_WORK))


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
                     text.replace(old, new), ((_TWINS, "-k", "waits"),))  # fmt: skip


def _caches() -> Iterator[Mutant]:
    """Streamlit leaves a parameter that begins with an underscore out of the key."""
    text = (ROOT / _CACHE).read_text("utf-8")
    for match in re.finditer(r"@st\.cache_data.*?(?=\n@st|\Z)", text, re.DOTALL):
        name = re.search(r"def (\w+)", match[0])
        changed = re.sub(r"\btenant_id\b", "_tenant_id", match[0])
        if name and changed != match[0]:
            yield Mutant(f"{_CACHE}: {name[1]}, kept without its team", _CACHE,
                         text.replace(match[0], changed), ((_WALK, "-k", "kept"),))  # fmt: skip


def _no_mistake() -> Mutant:
    """Its run makes the rows that the others copy."""
    runs = (("tests/walls/test_bar.py",), (_TWINS, "-k", "over_all_teams"))
    return Mutant("no mistake", "README.md", (ROOT / "README.md").read_text("utf-8"), runs)


def noticed_by(mutant: Mutant, copy: Path, server: EmbeddedPostgres) -> str:
    """The test that fails on the copy with this mistake in it, or an empty text; afterwards the copy is as it was."""
    path = copy / mutant.file
    original = path.read_text("utf-8")
    path.write_text(mutant.text, "utf-8")
    is_function = (ROOT / mutant.file).parent == _FUNCTIONS
    if is_function:
        _load(path, server)
    process = multiprocessing.get_context("fork").Process(target=_run_tests, args=(copy, mutant.runs))
    process.start()
    process.join(TIMEOUT_S)
    process.kill()
    process.join()
    path.write_text(original, "utf-8")
    if is_function:
        _load(path, server)
    if process.exitcode == 0:
        return ""
    if process.exitcode == -signal.SIGKILL:
        return f"no end within {TIMEOUT_S} s"
    said = (copy / "said").read_text("utf-8")
    failed = re.search(r"^(?:FAILED|ERROR) (.*)", said, re.MULTILINE)
    if failed is None:
        raise RuntimeError(f"{mutant.name}: its tests did not run\n{said[-2000:]}")
    return failed[1]


def _load(file: Path, server: EmbeddedPostgres) -> None:
    """Load the function into the databases that are copied; where it raises the walls, raise them."""
    for name in _KEPT:
        url = make_url(server.superuser_url).set(database=name, drivername="postgresql+psycopg2")
        engine = create_engine(url, poolclass=NullPool)
        with engine.begin() as db:
            functions.load(db, file.stem, folder=file.parent)
            if file.name == Path(_RAISE).name:
                db.execute(select(func.studio_raise_walls(make_url(server.app_url).username)))


def _run_tests(copy: Path, runs: tuple[tuple[str, ...], ...]) -> None:
    """Until one fails: in a process of its own, which has the large packages loaded, and none of the project's."""
    os.environ[KEPT_ROWS] = "yes"
    os.chdir(copy)
    sys.path = [str(copy), *(place for place in sys.path if place not in ("", str(ROOT)))]
    for name in [name for name in sys.modules if name.partition(".")[0] in ("lib", "scripts", "tests")]:
        del sys.modules[name]
    with Path("said").open("w") as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
        for tests in runs:
            code = pytest.main([*_PYTEST, *tests])
            sys.stdout.flush()
            if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
                os._exit(code)
        os._exit(0)


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
        try:
            if by := noticed_by(_no_mistake(), copy, server):
                raise RuntimeError(f"the tests fail without a mistake: {by}")
            for number, mutant in enumerate(chosen, 1):
                by = noticed_by(mutant, copy, server)
                survivors += [] if by else [mutant.name]
                print(
                    f"{number}/{len(chosen)} {'noticed ' if by else 'SURVIVED'} {mutant.name}  {by[:150]}", flush=True
                )
        finally:
            server.stop()
    noticed_share = 1 - len(survivors) / len(chosen) if chosen else 1.0
    print(f"{len(chosen)} planted, {len(chosen) - len(survivors)} noticed ({noticed_share:.0%})")
    return 0 if noticed_share >= LEAST_NOTICED else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
