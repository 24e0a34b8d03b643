#!/usr/bin/env python3
"""Runs SQL in a DuckDB file through the engine's own C interface: what the demo and the tests make their databases with.

    duckdb_sql.py LIBDUCKDB FILE.duckdb < statements.sql
    duckdb_sql.py --flights CSV-FOLDER LIBDUCKDB FILE.duckdb     load the five nycflights13 tables

Not a way into Sluice: nothing here is proven or approved.
"""

import ctypes
import sys

FLIGHTS_TABLES = ("airlines", "airports", "planes", "weather", "flights")


class DuckDbResult(ctypes.Structure):
    """duckdb_result of duckdb.h: six words that belong to the library."""

    _fields_ = [("words", ctypes.c_uint64 * 6)]


class Database:
    """An open DuckDB file. Use it in a `with`: the file is written out when it is closed."""

    def __init__(self, library, path):
        self.lib = ctypes.CDLL(str(library))
        self.lib.duckdb_result_error.restype = ctypes.c_char_p
        self.database, self.connection = ctypes.c_void_p(), ctypes.c_void_p()
        error = ctypes.c_char_p()
        if self.lib.duckdb_open_ext(str(path).encode(), ctypes.byref(self.database), None, ctypes.byref(error)) != 0:
            raise RuntimeError(f"{path} could not be opened: {(error.value or b'').decode()}")
        if self.lib.duckdb_connect(self.database, ctypes.byref(self.connection)) != 0:
            raise RuntimeError(f"{path} could not be connected to")

    def execute(self, sql):
        result = DuckDbResult()
        state = self.lib.duckdb_query(self.connection, sql.encode(), ctypes.byref(result))
        message = self.lib.duckdb_result_error(ctypes.byref(result)) if state != 0 else None
        self.lib.duckdb_destroy_result(ctypes.byref(result))
        if state != 0:
            raise RuntimeError(f"{(message or b'unknown error').decode()}\nin: {sql[:300]}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lib.duckdb_disconnect(ctypes.byref(self.connection))
        self.lib.duckdb_close(ctypes.byref(self.database))


def flights_sql(csv_folder):
    """The statements that load the five nycflights13 tables, with the keys that the data set documents."""
    folder = str(csv_folder).replace("'", "''")
    statements = []
    for table in FLIGHTS_TABLES:
        source = f"read_csv('{folder}/{table}.csv', header = true, nullstr = ['', 'NA'], sample_size = -1)"
        statements.append(f"CREATE TABLE {table} AS SELECT * FROM {source}")
    for table, key in (("airlines", "carrier"), ("airports", "faa"), ("planes", "tailnum")):
        statements.append(f"ALTER TABLE {table} ADD PRIMARY KEY ({key})")
    return ";\n".join(statements) + ";"


def main(arguments):
    flights = None
    if arguments[:1] == ["--flights"] and len(arguments) == 4:
        flights, arguments = arguments[1], arguments[2:]
    if len(arguments) != 2:
        sys.exit(__doc__)
    with Database(arguments[0], arguments[1]) as db:
        db.execute(flights_sql(flights) if flights else sys.stdin.read())


if __name__ == "__main__":
    main(sys.argv[1:])
