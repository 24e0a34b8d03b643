"""What the columns of a table hold, on each engine, told in the terminal and by the API."""

import pytest
from project import Project
from serving import Server

ROWS = [(1, "Ada", True, "2024-01-31", 1.5), (2, "bob", None, "2024-02-29", None), (3, "Ada", False, None, -2.25), (4, None, True, "2023-12-31", 1.5)]
ODD_TYPES = {"postgres": ('j json, a integer[], u uuid, b bytea, c "char", i interval, e mood', "CREATE TYPE mood AS ENUM ('good', 'bad');",
                          """'{"a": 1}', '{1,2}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '\\x00ff', 'x', '1 day', 'good'"""),
             "duckdb": ("j JSON, a INTEGER[], u UUID, b BLOB, s STRUCT(x INTEGER), i INTERVAL, e mood", "CREATE TYPE mood AS ENUM ('good', 'bad');",
                        """'{"a": 1}', [1, 2], 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '\\x00\\xFF'::BLOB, {'x': 1}, INTERVAL 1 DAY, 'good'""")}


def statements(engine):
    quoted = lambda value: "NULL" if value is None else f"'{value}'" if isinstance(value, str) else str(value)  # noqa: E731
    odd, before, values = ODD_TYPES[engine]
    rows = ", ".join("(" + ", ".join(map(quoted, row)) + ")" for row in ROWS)
    wide = ", ".join(f"column_{n} integer" for n in range(250))
    return f'''CREATE TABLE "Person ""x""" (id integer NOT NULL, name varchar(40), "is it" boolean, day date, "select" double precision);
INSERT INTO "Person ""x""" VALUES {rows};
{before} CREATE TABLE odd ({odd}); INSERT INTO odd VALUES ({values});
CREATE TABLE many AS SELECT n FROM generate_series(1, 100001) AS s(n);
CREATE TABLE none (a integer, b text);
CREATE TABLE wide ({wide});
CREATE TABLE long AS SELECT repeat('ab', 5000) AS t;'''


@pytest.fixture(scope="module", params=["postgres", "duckdb"])
def project(request, sluice, tmp_path_factory, make_duckdb):
    folder = tmp_path_factory.mktemp(f"profile-{request.param}")
    if request.param == "postgres":
        return Project(sluice, folder, ("shop", "--postgres", request.getfixturevalue("postgres").create_database("profiled", statements("postgres"))))
    make_duckdb(folder / "shop.duckdb", statements("duckdb"))
    return Project(sluice, folder, ("shop", "--duckdb", "shop.duckdb"))


def test_it_says_what_the_columns_hold(project):
    profile = project.json("catalog", "profile", 'Person "x"')
    columns = {column["name"]: column for column in profile["columns"]}
    assert profile["rows"] == 4 and profile["whole"] and profile["columns_left_out"] == 0
    assert list(columns) == ["id", "name", "is it", "day", "select"]
    assert [column["filled"] for column in profile["columns"]] == [4, 3, 3, 3, 3]
    assert [column["distinct"] for column in profile["columns"]] == [4, 2, 2, 3, 2]
    assert columns["id"]["least"] == "1" and columns["id"]["greatest"] == "4"
    assert columns["name"]["least"] == "Ada" and columns["name"]["greatest"] == "bob"
    assert columns["is it"]["least"] is None, "nothing is less than true on every engine"
    assert columns["day"]["least"] == "2023-12-31" and columns["day"]["greatest"] == "2024-02-29"
    assert float(columns["select"]["least"]) == -2.25 and float(columns["select"]["greatest"]) == 1.5


def test_any_type_can_be_counted(project):
    profile = project.json("catalog", "profile", "odd")
    assert profile["rows"] == 1 and all(column["filled"] == 1 for column in profile["columns"])
    known = {column["name"]: column["distinct"] for column in profile["columns"]}
    assert known["u"] == 1 and known["j"] is None and known["a"] is None and known["b"] is None


def test_it_is_bounded(project):
    many = project.json("catalog", "profile", "many")
    assert many["rows"] == 100_000 and not many["whole"] and many["columns"][0]["distinct"] == 100_000
    none = project.json("catalog", "profile", "none")
    assert none["rows"] == 0 and none["whole"] and none["columns"][0] == {"name": "a", "filled": 0, "distinct": 0, "least": None, "greatest": None}
    wide = project.json("catalog", "profile", "wide")
    assert len(wide["columns"]) == 200 and wide["columns_left_out"] == 50
    assert project.json("catalog", "profile", "long")["columns"][0]["least"] == "ab" * 40


def test_the_api_says_the_same(project):
    server = Server(project)
    try:
        assert server.post("/profile", {"table": 'Person "x"'}).ok() == project.json("catalog", "profile", 'Person "x"')
        server.post("/profile", {"table": "person"}).problem(404, "E1213")
    finally:
        server.stop()


def test_a_table_that_is_not_there_is_named(project):
    told = project.run("catalog", "profile", "man")
    assert told.code == 1 and "E0807" in told.err and 'did you mean "many"' in told.err
