import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import psycopg2
import pytest
import sqlalchemy
from psycopg2 import errors

from lib.domain.errors import DatabaseNotStarted
from lib.embedded_postgres import cluster
from lib.embedded_postgres import server as embedded
from lib.embedded_postgres.server import EmbeddedPostgres
from tests.support.clusters import prepared
from tests.support.patience import PATIENCE_S
from tests.support.project import ROOT

ANOTHER_APP = """
import sys
from pathlib import Path
from lib.embedded_postgres.server import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print("started", flush=True)
sys.stdin.readline()
"""

FORKING_APP = """
import os, sys
from pathlib import Path
from lib.embedded_postgres.server import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
child = os.fork()
if child == 0:
    server.stop()
    sys.exit()
os.waitpid(child, 0)
another = EmbeddedPostgres(Path(sys.argv[1]))
another.start()
another.stop()
print("answers" if server.answers() else "gone", flush=True)
"""


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    # Not tmp_path: pytest closes its own folder again to everybody, PostgreSQL's user included, when it starts.
    with tempfile.TemporaryDirectory(prefix="feed-studio-test-") as folder:
        yield Path(folder)


@pytest.fixture
def new_folder(place: Path) -> Path:
    """Where nobody has started a server yet."""
    return Path(tempfile.mkdtemp(dir=place)) / "postgres"


@pytest.fixture
def folder(new_folder: Path) -> Path:
    """Of a server that was started and stopped before."""
    return prepared(new_folder)


@pytest.fixture(scope="module")
def server(place: Path) -> Iterator[EmbeddedPostgres]:
    with started(place / "shared") as one:
        yield one


@contextlib.contextmanager
def started(folder: Path) -> Iterator[EmbeddedPostgres]:
    one = EmbeddedPostgres(folder, watch_interval_s=0.2)
    one.start()
    try:
        yield one
    finally:
        one.stop()


@contextlib.contextmanager
def another_app(folder: Path) -> Iterator[subprocess.Popen[str]]:
    app = subprocess.Popen(
        [sys.executable, "-c", ANOTHER_APP, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with app:
        try:
            yield app
        finally:
            app.kill()


def has_started(app: subprocess.Popen[str]) -> bool:
    assert app.stdout
    return app.stdout.readline() == "started\n"


@contextlib.contextmanager
def connected(url: str) -> Iterator[psycopg2.extensions.cursor]:
    with contextlib.closing(psycopg2.connect(url.replace("+psycopg2", ""))) as db:
        db.autocommit = True
        with db.cursor() as cursor:
            yield cursor


def asked(url: str, sql: str) -> object:
    with connected(url) as cursor:
        cursor.execute(sql)
        return cursor.fetchall()[0][0] if cursor.description else None


def postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "data" / "postmaster.pid").read_text().split()[0]))


def eventually(true: Callable[[], bool], limit_s: float = 60.0) -> bool:
    end = time.monotonic() + limit_s
    while not (result := true()) and time.monotonic() < end:
        time.sleep(0.05)
    return result


def socket_dir(server: EmbeddedPostgres) -> Path:
    return Path(parse_qs(urlsplit(server.app_url).query)["host"][0])


# -- what a fresh machine gets --------------------------------------------------------------------------------------


def test_a_fresh_folder_becomes_a_database_that_answers(server: EmbeddedPostgres) -> None:
    assert server.answers()
    assert asked(server.app_url, "SELECT current_user || '@' || current_database()") == "feed_studio_app@feed_studio"


def test_its_urls_are_sqlalchemys(server: EmbeddedPostgres) -> None:
    engine = sqlalchemy.create_engine(server.owner_url)
    with engine.connect() as db:
        assert db.scalar(sqlalchemy.text("SELECT current_user")) == "feed_studio_owner"
    engine.dispose()


def test_a_folder_nobody_started_does_not_answer(new_folder: Path) -> None:
    assert not EmbeddedPostgres(new_folder).answers()
    assert not new_folder.exists()


def test_committed_rows_are_on_the_disk_and_nothing_listens_on_a_network(server: EmbeddedPostgres) -> None:
    for setting, value in {
        "fsync": "on",
        "synchronous_commit": "on",
        "listen_addresses": "",
        "TimeZone": "UTC",
    }.items():
        assert asked(server.app_url, f"SHOW {setting}") == value


def test_only_the_servers_user_reaches_the_data_and_the_socket(server: EmbeddedPostgres, place: Path) -> None:
    for private in (place / "shared" / "data", socket_dir(server)):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert not stat.S_IMODE(place.stat().st_mode) & 0o066, "the folder above must not become readable"


def test_hangul_has_trigrams(server: EmbeddedPostgres) -> None:
    asked(server.owner_url, "CREATE EXTENSION IF NOT EXISTS pg_trgm")
    assert asked(server.app_url, "SELECT '가을 라떼' % '가을 라떼 한정'") is True
    assert asked(server.app_url, "SHOW server_encoding") == "UTF8"


def test_the_app_role_is_neither_superuser_nor_owner_and_cannot_step_around_row_level_security(
    server: EmbeddedPostgres,
) -> None:
    powers = (
        "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
    )
    owns = "SELECT pg_has_role(current_user, datdba, 'MEMBER') FROM pg_database WHERE datname = current_database()"
    assert asked(server.app_url, powers) is False
    assert asked(server.app_url, owns) is False
    assert asked(server.owner_url, powers) is False
    assert asked(server.owner_url, owns) is True


def test_the_owner_creates_tables_and_the_app_cannot(server: EmbeddedPostgres) -> None:
    asked(server.owner_url, "CREATE TABLE of_the_owner (n int)")
    with pytest.raises(errors.InsufficientPrivilege):
        asked(server.app_url, "CREATE TABLE of_the_app (n int)")
    with pytest.raises(errors.InsufficientPrivilege):
        asked(server.app_url, "SELECT n FROM of_the_owner")


def test_starting_and_stopping_twice_is_harmless(folder: Path) -> None:
    with started(folder) as one:
        one.start()
        assert one.answers()
        one.stop()
        assert not one.answers()


def test_two_folders_do_not_meet(server: EmbeddedPostgres, folder: Path) -> None:
    with started(folder) as other:
        asked(other.owner_url, "CREATE TABLE only_here (n int)")
        assert asked(server.owner_url, "SELECT to_regclass('only_here')::text") is None
    assert server.answers()


def test_a_folder_may_be_called_anything_and_lie_anywhere(place: Path) -> None:
    folder = place / '가을 \'n "$HOME" `id`, 100%' / ("deep" * 20) / "postgres"
    with started(folder) as one:
        assert asked(one.app_url, "SELECT 1") == 1
        assert len(os.fsencode(socket_dir(one))) < 60
        assert stat.S_IMODE(socket_dir(one).stat().st_mode) == 0o700
    shutil.rmtree(socket_dir(one))


def test_the_environment_of_another_postgresql_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGPORT": "6000", "PGHOST": "nowhere.invalid", "PGDATA": "/nowhere", "LC_ALL": "tlh"}.items():
        monkeypatch.setenv(name, value)
    with started(folder) as one:
        assert asked(one.app_url, "SELECT 1") == 1


# -- several processes on one folder --------------------------------------------------------------------------------


def test_the_last_one_out_stops_the_server(folder: Path) -> None:
    with started(folder) as one, another_app(folder) as app:
        assert has_started(app)
        before = postmaster(folder).pid
        one.stop()
        assert one.answers()
        assert postmaster(folder).pid == before
        app.communicate("leave\n", timeout=PATIENCE_S)
        assert app.returncode == 0
        assert not one.answers()
        assert not (folder / "data" / "postmaster.pid").exists()


def test_two_apps_that_start_at_once_share_one_fresh_server(new_folder: Path) -> None:
    with another_app(new_folder) as one, another_app(new_folder) as other:
        assert has_started(one)
        assert has_started(other)
        assert EmbeddedPostgres(new_folder).answers()
        one.communicate("leave\n", timeout=PATIENCE_S)
        other.communicate("leave\n", timeout=PATIENCE_S)
    assert not EmbeddedPostgres(new_folder).answers()


def test_a_killed_app_leaves_the_server_and_the_next_one_adopts_it(folder: Path) -> None:
    with another_app(folder) as app:
        assert has_started(app)
        server = EmbeddedPostgres(folder)
        asked(server.owner_url, "CREATE TABLE kept AS SELECT '가을' AS word")
        app.kill()
        app.wait()
    assert server.answers()
    before = postmaster(folder).pid
    with started(folder) as one:
        assert postmaster(folder).pid == before
        assert asked(one.owner_url, "SELECT word FROM kept") == "가을"
    assert not one.answers()


def test_a_forked_child_neither_holds_nor_drops_its_parents_share(folder: Path) -> None:
    app = subprocess.run(
        [sys.executable, "-c", FORKING_APP, str(folder)], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert app.stdout == "answers\n", app.stderr
    assert not EmbeddedPostgres(folder).answers()


# -- servers that are not what they seem ----------------------------------------------------------------------------


def test_a_killed_server_is_back_unaided_with_every_committed_row(folder: Path) -> None:
    with started(folder) as one:
        asked(one.owner_url, "CREATE TABLE kept AS SELECT 7 AS n")
        killed = postmaster(folder)
        killed.kill()
        assert eventually(lambda: (folder / "data" / "postmaster.pid").exists() and postmaster(folder) != killed)
        assert eventually(one.answers)
        assert asked(one.owner_url, "SELECT n FROM kept") == 7


def test_a_child_of_a_killed_server_that_holds_its_memory_does_not_keep_it_down(folder: Path) -> None:
    with started(folder) as one, connected(one.owner_url) as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (orphan,) = cursor.fetchone() or (0,)
        os.kill(orphan, signal.SIGSTOP)
        try:
            postmaster(folder).kill()
            assert eventually(one.answers)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGKILL)


def test_a_server_that_hangs_is_replaced_unaided(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CHECK_S", 1.0)
    monkeypatch.setattr(embedded, "HUNG_AFTER_S", 3.0)
    with started(folder) as one:
        hung = postmaster(folder)
        hung.suspend()
        assert not one.answers()
        assert eventually(one.answers)
        assert postmaster(folder) != hung


@pytest.mark.parametrize("whose", ["a stranger's", "a zombie's", "nobody's", "not a number"])
def test_a_stale_process_id_is_not_taken_for_a_server(folder: Path, whose: str) -> None:
    with started(folder) as one:
        files = (folder / "data" / "postmaster.pid", socket_dir(one) / ".s.PGSQL.5432.lock")
        left_behind = {file: file.read_text().split("\n")[1:] for file in files}
    # Both run as the server's own user: PostgreSQL knows by itself that nobody else's process is its postmaster.
    user = (folder / "data").stat().st_uid
    with subprocess.Popen(["sleep", "600"], user=user) as stranger, subprocess.Popen(["true"], user=user) as zombie:
        try:
            assert eventually(lambda: psutil.Process(zombie.pid).status() == psutil.STATUS_ZOMBIE)
            ids = {"a stranger's": str(stranger.pid), "a zombie's": str(zombie.pid), "nobody's": "4194304"}
            for file, lines in left_behind.items():
                file.write_text("\n".join([ids.get(whose, "?"), *lines]))
            assert not one.answers()
            with started(folder) as again:
                assert again.answers()
            assert stranger.poll() is None, "a stranger must be left alone"
        finally:
            stranger.kill()


# -- folders that cannot be a server --------------------------------------------------------------------------------


def test_a_file_in_the_folders_place_is_refused_with_a_sentence(new_folder: Path) -> None:
    new_folder.write_text("not a folder")
    with pytest.raises(DatabaseNotStarted, match=r"database_not_started .*File exists"):
        EmbeddedPostgres(new_folder).start()
    assert new_folder.read_text() == "not a folder"


def test_a_cluster_of_another_version_is_refused_with_the_servers_own_reason(folder: Path) -> None:
    with started(folder):
        pass
    (folder / "data" / "PG_VERSION").write_text("9.6\n")
    one = EmbeddedPostgres(folder)
    with pytest.raises(DatabaseNotStarted, match=r"initialized by PostgreSQL version 9\.6") as refused:
        one.start()
    assert refused.value.params["folder"] == str(folder)
    one.stop()
    assert not one.answers()


def test_a_cluster_whose_making_broke_off_is_made_again(new_folder: Path) -> None:
    (new_folder / "data.new").mkdir(parents=True)
    (new_folder / "data.new" / "PG_VERSION").write_text("18\n")
    with started(new_folder) as one:
        assert one.answers()
    assert not (new_folder / "data.new").exists()


def test_a_link_in_the_place_of_the_socket_folder_is_refused(place: Path) -> None:
    one = EmbeddedPostgres(place / ("long" * 30))
    socket_dir(one).symlink_to(place)
    with pytest.raises(DatabaseNotStarted, match="belongs to somebody else"):
        one.start()
    socket_dir(one).unlink()


def test_a_folder_moved_away_under_a_running_server_does_not_keep_the_app_from_leaving(folder: Path) -> None:
    with started(folder) as one:
        server = postmaster(folder)
        folder.rename(folder.with_name("moved"))
        one.stop()
        assert not one.answers()
    server.send_signal(signal.SIGQUIT)
