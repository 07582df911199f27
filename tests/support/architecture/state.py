"""Rules 5 and 6: who owns what stands in the address and in the session, and who writes to the database."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator

from tests.support.architecture.tree import Module, Offence, Tree

ADDRESS = "lib/ui/core/url_state.py"

WRITES = re.compile(r"\b(INSERT\s+INTO|DELETE\s+FROM|TRUNCATE|UPDATE\s+\S+(\s+AS\s+\S+)?\s+SET)\b", re.IGNORECASE)
WRITING_CALLS = {"sqlalchemy.insert", "sqlalchemy.update", "sqlalchemy.delete", "sqlalchemy.dialects.postgresql.insert"}


TIDYING = {"lib.store.tenant_changes.version"}
"""Reads that now and then add up rows of their own table, which changes nothing that anybody sees."""


def owned_state(tree: Tree) -> Iterator[Offence]:
    """Rule 5: ``st.query_params`` in one file, and each session key in one file."""
    files: defaultdict[str, set[str]] = defaultdict(set)
    for module in tree.below("app.py", "pages/", "lib/"):
        of_a_page = module.file != ADDRESS and not module.file.startswith("lib/api/")  # an HTTP request has its own
        if of_a_page and any(
            isinstance(node, ast.Attribute) and node.attr == "query_params" for node in ast.walk(module.syntax)
        ):
            yield Offence(module.file, "query_params", f"read and write the address through {ADDRESS}")
        for key in _session_keys(module):
            files[key].add(module.file)
    for key, places in sorted(files.items()):
        for file in sorted(places) if len(places) > 1 else ():
            others = ", ".join(sorted(places - {file}))
            yield Offence(
                file, key, f"this session key also stands in {others}: import it from the module that owns it"
            )


def _session_keys(module: Module) -> Iterator[str]:
    """The keys of the session that a file names: literally, or by a constant of its own."""
    constants = {
        target.id: node.value.value
        for node in module.syntax.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(module.syntax):
        for key in _keys_of(node):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value
            elif isinstance(key, ast.Name) and key.id in constants:
                yield constants[key.id]
            elif isinstance(key, ast.JoinedStr):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in key.values)


def _keys_of(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Subscript) and _is_session(node.value):
        yield node.slice
    elif isinstance(node, ast.Compare) and any(map(_is_session, node.comparators)):
        yield node.left
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if _is_session(node.func.value) and node.func.attr in ("get", "pop", "setdefault"):
            yield from node.args[:1]
        elif isinstance(node.func.value, ast.Name) and node.func.value.id == "st":
            yield from (keyword.value for keyword in node.keywords if keyword.arg == "key")


def _is_session(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "session_state"


def read_only_doors(tree: Tree) -> Iterator[Offence]:
    """Rule 6: the pages, ``lib/ui`` and ``lib/api`` call no function of the store that writes."""
    writing = _writing_functions(tree) - TIDYING
    for module in tree.below("app.py", "pages/", "lib/ui/", "lib/api/"):
        for called in sorted(set(_called(module, module.syntax)) & writing):
            yield Offence(module.file, called, "writes to the database; call a use case, which owns the transaction")


def _writing_functions(tree: Tree) -> set[str]:
    """Full names of the store's functions that insert, update or delete, themselves or through another one."""
    writing: set[str] = set()
    calls: dict[str, set[str]] = {}
    for module in tree.below("lib/store/"):
        if module.file.startswith("lib/store/migrations/"):
            continue
        statements = {
            target.id
            for node in module.syntax.body
            if isinstance(node, ast.Assign)
            and (_holds_write(node.value) or WRITING_CALLS & set(_called(module, node.value)))
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for function in module.syntax.body:
            if not isinstance(function, ast.FunctionDef):
                continue
            name = f"{module.name}.{function.name}"
            calls[name] = set(_called(module, function))
            names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
            if _holds_write(function) or names & statements or calls[name] & WRITING_CALLS:
                writing.add(name)
    while more := {name for name, called in calls.items() if called & writing} - writing:
        writing |= more
    return writing


def _holds_write(node: ast.AST) -> bool:
    texts = (part.value for part in _outside_docstrings(node) if isinstance(part, ast.Constant))
    return any(isinstance(text, str) and WRITES.search(text) for text in texts)


def _outside_docstrings(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
        return (part for statement in node.body[1:] for part in ast.walk(statement))
    return ast.walk(node)


def _called(module: Module, where: ast.AST) -> Iterator[str]:
    """Full names of the functions that are called: through an imported module, by an imported name, or nearby."""
    for node in ast.walk(where):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            owner = module.local_names.get(node.func.value.id)
            if owner:
                yield f"{owner}.{node.func.attr}"
        elif isinstance(node.func, ast.Name):
            yield module.local_names.get(node.func.id, f"{module.name}.{node.func.id}")
