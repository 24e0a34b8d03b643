"""The parts themselves: what the other tests stand on is what it says it is."""

import sqlite3

import psycopg
import pytest
import samples
import shop as shop_data


def test_the_servers_certificate_is_verified(postgres):
    with psycopg.connect(postgres.url()) as connection:
        assert connection.execute("SHOW server_version").fetchone()[0].startswith("15.")
        assert connection.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone() == (True,)
    with pytest.raises(psycopg.OperationalError):  # The certificate is for "localhost".
        psycopg.connect(postgres.url(host="127.0.0.1"))


def test_a_wrong_password_is_refused(postgres):
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(postgres.url().replace(postgres.password, "wrong"))


def test_the_reader_reads_and_does_not_write(postgres, shop_postgres):
    with psycopg.connect(shop_postgres, autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (shop_data.ORDERS,)
        for statement in ("DELETE FROM orders", "CREATE TABLE t (a int)", "COPY orders TO '/dev/null'"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_the_shop_is_the_same_everywhere(shop_sqlite, shop_csv):
    first, second = shop_data.sql(), shop_data.sql()
    assert first == second
    counts = {table: len(content) for table, (_, content) in shop_data.rows().items()}
    connection = sqlite3.connect(shop_sqlite)
    for table, count in counts.items():
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (count,)
        assert len((shop_csv / f"{table}.csv").read_text(encoding="utf-8").splitlines()) == count + 1
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_flights_and_shop_load_into_duckdb(duckdb_flights, shop_duckdb, make_duckdb, tmp_path):
    copied = tmp_path / "counts.csv"
    make_duckdb(tmp_path / "c.duckdb", f"ATTACH '{duckdb_flights}' AS f (READ_ONLY); ATTACH '{shop_duckdb}' AS s (READ_ONLY);"
                f"COPY (SELECT (SELECT count(*) FROM f.flights) AS flights, (SELECT count(*) FROM s.orders) AS orders) TO '{copied}' (HEADER false)")
    assert copied.read_text().strip() == f"336776,{shop_data.ORDERS}"


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_the_samples_are_the_same_everywhere(request, samples_on, make_duckdb, tmp_path, name):
    content = samples.SAMPLES[name][1]()
    assert content == samples.SAMPLES[name][1](), "the same on every machine"
    (option, where), _ = samples_on(name)
    count = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in content)
    if option == "--postgres":
        with psycopg.connect(where) as connection:
            found = connection.execute(count).fetchone()
    elif option == "--sqlite":
        connection = sqlite3.connect(where)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        found = connection.execute(count).fetchone()
        connection.close()
    else:
        copied, copy = tmp_path / "counts.csv", tmp_path / "copy.duckdb"
        copy.write_bytes(where.read_bytes())
        make_duckdb(copy, f"COPY ({count}) TO '{copied}' (HEADER false)")
        found = tuple(map(int, copied.read_text().split(",")))
    assert found == tuple(map(len, content.values()))
