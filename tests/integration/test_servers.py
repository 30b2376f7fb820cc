"""The servers that tests start are real, durable, and come back where they were."""

import os
import signal

import psutil
import psycopg
import pytest
import redis

from tests.support.servers import PostgreSQL, ServerFailed, Valkey


def test_postgresql_answers_in_unicode_and_commits_durably(own_postgresql: PostgreSQL) -> None:
    with own_postgresql.connect() as connection:
        shown = connection.execute(
            "SELECT current_setting('fsync'), current_setting('synchronous_commit'),"
            " pg_encoding_to_char(encoding), datcollate"
            " FROM pg_database WHERE datname = current_database()"
        ).fetchone()

    assert shown == ("on", "on", "UTF8", "C")


def test_committed_rows_survive_a_killed_postgresql(own_postgresql: PostgreSQL) -> None:
    port = own_postgresql.port
    with own_postgresql.connect() as connection:
        connection.execute("CREATE TABLE facts (words text)")
        connection.execute("INSERT INTO facts VALUES ('tự soi, tự sửa')")

    own_postgresql.kill()
    own_postgresql.restart()

    assert own_postgresql.port == port
    with own_postgresql.connect() as connection:
        assert connection.execute("SELECT words FROM facts").fetchall() == [("tự soi, tự sửa",)]


def test_killed_postgresql_leaves_no_process_behind(own_postgresql: PostgreSQL) -> None:
    family = psutil.Process(own_postgresql.pid).children(recursive=True)
    connection = own_postgresql.connect()

    own_postgresql.kill()
    survivors = [child for child in family if child.is_running() and child.status() != "zombie"]

    assert family
    assert survivors == []
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    with pytest.raises(ServerFailed, match="start"):
        _ = own_postgresql.pid


def test_server_that_died_by_itself_can_be_restarted(own_postgresql: PostgreSQL) -> None:
    os.kill(own_postgresql.pid, signal.SIGQUIT)

    own_postgresql.restart()

    with own_postgresql.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_every_test_gets_an_empty_database(postgresql_url: str) -> None:
    with psycopg.connect(postgresql_url.replace("+psycopg", "")) as connection:
        tables = connection.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        ).fetchone()

    assert tables == (0,)


def test_restarted_valkey_answers_on_its_port_and_has_forgotten(own_valkey: Valkey) -> None:
    client = redis.Redis.from_url(own_valkey.url)
    client.set("bell", "waiting")
    url = own_valkey.url

    own_valkey.kill()
    own_valkey.restart()

    assert own_valkey.url == url
    assert client.get("bell") is None
    client.close()


def test_valkey_is_handed_over_empty(valkey_url: str) -> None:
    with redis.Redis.from_url(valkey_url) as client:
        assert client.dbsize() == 0


def test_stopped_server_takes_its_files_with_it() -> None:
    server = PostgreSQL().start()
    folder = server.folder

    server.stop()

    assert not folder.exists()


def test_servers_side_by_side_take_different_ports(own_valkey: Valkey, valkey: Valkey) -> None:
    assert own_valkey.port != valkey.port
    assert own_valkey.pid != valkey.pid
