"""A cluster without a server is silent, and its errors name the folder and the reason."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from lib.domain.errors import DatabaseNotStarted
from lib.embedded_postgres.cluster import APP_ROLE, DATABASE, Cluster, Reply, last_lines


def test_a_cluster_that_was_never_launched_is_silent(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    assert cluster.ask() is Reply.SILENCE
    assert cluster.postmaster() is None
    cluster.shut_down()


@pytest.mark.parametrize("pid", ["", "none", "1\n", "99999999\n"])
def test_the_process_id_of_another_program_is_no_postmaster(tmp_path: Path, pid: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "postmaster.pid").write_text(pid)
    assert Cluster(tmp_path).postmaster() is None


def test_the_reason_is_the_end_of_the_log_or_the_given_one(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    (tmp_path / "server.log").write_text("2026-11-29 01:02:03 UTC [7] FATAL:  no room\n")
    assert isinstance(cluster.not_started(), DatabaseNotStarted)
    assert cluster.not_started().params == {"folder": str(tmp_path), "detail": "FATAL:  no room"}
    assert cluster.not_started("initdb failed.").params["detail"] == "initdb failed"
    (tmp_path / "server.log").write_text("")
    assert cluster.not_started().params["detail"] == "it never answered"


def test_only_the_last_lines_are_told() -> None:
    assert last_lines("\n".join(map(str, range(10)))) == "4 / 5 / 6 / 7 / 8 / 9"


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as short:  # pytest's own may be long
        assert f"host={short}/socket" in Cluster(Path(short)).url(APP_ROLE, DATABASE)
    assert "host=/tmp/feed-studio-" in Cluster(tmp_path / ("long" * 30)).url(APP_ROLE, DATABASE)
    assert "host=/tmp/feed-studio-" in Cluster(tmp_path / "한글 폴더").url(APP_ROLE, DATABASE)
