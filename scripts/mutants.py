"""Plants mistakes in the walls between teams, one at a time in a copy, and says which ones the tests notice.

``python -m scripts.mutants [PART ...]``: each policy dropped, each condition on the team removed, each lock and cached
result without its team; ``PART`` chooses mutants by a part of their names. Without names, all of them take hours:
they come in a drawn order, so that the first hundred are a sample (``MOST=100``).
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lib.store.tables import Base

ROOT = Path(__file__).resolve().parent.parent
LEAST_NOTICED = 0.9
TIMEOUT_S = 600
"""Seconds after which a test run that hangs has noticed its mutant."""

_NO_CONDITION = '__import__("sqlalchemy").true()'
_COMPARED = re.compile(r"[\w.]*\btenant_id == (?:[\w.]+(?:\(\"\w+\"\))?)")
_IN_SQL = re.compile(r"(?<![\w.])(?:\w+\.)?tenant_id(?: \|\| '')? = (?::\w+|\w+(?:\.\w+)?)")
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
    for path in sorted((ROOT / "lib" / "store").rglob("*")):
        file = path.relative_to(ROOT).as_posix()
        if path.suffix not in (".py", ".sql") or "/migrations/" in file or "/tables/" in file or file == _RAISE:
            continue
        text = path.read_text("utf-8")
        places = [(match, "true") for match in _IN_SQL.finditer(text) if not _is_assignment(text, match)]
        if path.suffix == ".py":
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
    """The walk of the module and its own tests; the whole walk of a function, which any module may call."""
    if path.suffix == ".sql":
        return ("tests/lib/store/test_functions.py", "tests/walls/test_walk.py", "tests/lib/store/test_walls.py")
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    own = Path("tests", path.relative_to(ROOT).parent, f"test_{path.stem}.py")
    others = [own.as_posix()] if (ROOT / own).exists() else []
    return ("tests/walls/test_walk.py", *others, "-k", f"{module} or {own.stem} or use_case or route_of")


def _locks() -> Iterator[Mutant]:
    for file, (old, new) in _LOCKS.items():
        text = (ROOT / file).read_text("utf-8")
        yield Mutant(f"{file}: {_function_around(text, text.index(old)) or 'lock'}, without its team", file,
                     text.replace(old, new), ("tests/walls/test_walk.py",))  # fmt: skip


def _caches() -> Iterator[Mutant]:
    """Streamlit leaves a parameter that begins with an underscore out of the key."""
    text = (ROOT / _CACHE).read_text("utf-8")
    for match in re.finditer(r"@st\.cache_data.*?(?=\n@st|\Z)", text, re.DOTALL):
        name = re.search(r"def (\w+)", match[0])
        changed = re.sub(r"\btenant_id\b", "_tenant_id", match[0])
        if name and changed != match[0]:
            yield Mutant(f"{_CACHE}: {name[1]}, kept without its team", _CACHE,
                         text.replace(match[0], changed), ("tests/walls/test_walk.py",))  # fmt: skip


def is_noticed(mutant: Mutant, copy: Path) -> bool:
    """Whether the tests fail on the copy with this mistake in it; afterwards the copy is as it was."""
    path = copy / mutant.file
    original = path.read_text("utf-8")
    path.write_text(mutant.text, "utf-8")
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n0", "-p", "no:cacheprovider", *mutant.tests]
    try:
        done = subprocess.run(command, cwd=copy, check=False, capture_output=True, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return True
    finally:
        path.write_text(original, "utf-8")
    return done.returncode != 0


def main(parts: list[str]) -> int:
    """Plant them, print each, and say how many were noticed; 1 where that is too few."""
    chosen = [each for each in mutants() if not parts or any(part in each.name for part in parts)]
    chosen = chosen[: int(os.environ.get("MOST") or len(chosen))]
    survivors = []
    with tempfile.TemporaryDirectory(prefix="feed-studio-mutants-") as folder:
        copy = Path(folder, "copy")
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for name in listed.splitlines():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
        for number, mutant in enumerate(chosen, 1):
            noticed = is_noticed(mutant, copy)
            survivors += [] if noticed else [mutant.name]
            print(f"{number}/{len(chosen)} {'noticed ' if noticed else 'SURVIVED'} {mutant.name}", flush=True)
    noticed_share = 1 - len(survivors) / len(chosen) if chosen else 1.0
    print(f"{len(chosen)} planted, {len(chosen) - len(survivors)} noticed ({noticed_share:.0%})")
    return 0 if noticed_share >= LEAST_NOTICED else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
