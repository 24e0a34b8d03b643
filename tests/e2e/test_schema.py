"""The data's shape changes under an approval: what was approved is not run, a new card is shown."""

import re

import shop as shop_data
from project import Project, finish, killed_at, until

COUNT = "SELECT count(*) AS n FROM orders WHERE freight > 1"


def second_card(project, first):
    """The card that follows the first one's yes, which must not have led to rows."""
    second = until(lambda: [each for each in project.json("approvals", "list") if each["approval_id"] != first["approval_id"]], "a new card")[0]
    assert second["run_id"] == first["run_id"] and second["subject_hash"] != first["subject_hash"]
    return second


def executed(project, run_id):
    return [event for event in project.json("runs", "events", run_id)
            if event["path"].endswith("execute") and event["type"] == "step completed" and not event["body"].get("error")]


def resumed_after_change(project, first):
    project.run("approvals", "approve", first["approval_id"]).ok()
    child = project.start("runs", "resume", first["run_id"], "--output", "json")
    second = second_card(project, first)
    assert executed(project, first["run_id"]) == []
    project.run("approvals", "approve", second["approval_id"]).ok()
    answer = finish(child, "answered")
    assert len(executed(project, first["run_id"])) == 1
    return answer


def test_without_a_change_there_is_one_card(sluice, tmp_path, make_duckdb):
    make_duckdb(tmp_path / "shop.duckdb", shop_data.sql())
    project = Project(sluice, tmp_path, ("shop", "--duckdb", "shop.duckdb"))
    first = project.waiting(COUNT)
    project.run("approvals", "approve", first["approval_id"]).ok()
    project.resume(first["run_id"])
    assert len(project.json("approvals", "list", "--all")) == 1


def test_a_changed_table_in_duckdb(sluice, tmp_path, make_duckdb):
    path = make_duckdb(tmp_path / "shop.duckdb", "CREATE TABLE orders AS SELECT range AS id, 2.5 AS freight FROM range(10)")
    project = Project(sluice, tmp_path, ("shop", "--duckdb", "shop.duckdb"))
    first = project.waiting(COUNT)
    make_duckdb(path, "ALTER TABLE orders ADD COLUMN note TEXT")
    assert resumed_after_change(project, first)["rows"] == [[10]]


def test_a_changed_view_in_duckdb(sluice, tmp_path, make_duckdb):
    path = make_duckdb(tmp_path / "shop.duckdb", "CREATE TABLE t AS SELECT range AS id FROM range(10); CREATE VIEW v AS SELECT id FROM t WHERE id < 5")
    project = Project(sluice, tmp_path, ("shop", "--duckdb", "shop.duckdb"))
    first = project.waiting("SELECT count(*) AS n FROM v")
    # The same columns of the same types: only the definition tells.
    make_duckdb(path, "CREATE OR REPLACE VIEW v AS SELECT id FROM t WHERE id < 8")
    assert resumed_after_change(project, first)["rows"] == [[8]]


def test_a_connection_that_leads_elsewhere_needs_another_approval(sluice, tmp_path, make_duckdb):
    make_duckdb(tmp_path / "a.duckdb", "CREATE TABLE orders AS SELECT range AS id, 2.5 AS freight FROM range(10)")
    make_duckdb(tmp_path / "b.duckdb", "CREATE TABLE orders AS SELECT range AS id, 2.5 AS freight FROM range(20)")
    project = Project(sluice, tmp_path, ("shop", "--duckdb", "a.duckdb"))
    first = project.waiting(COUNT)
    config = tmp_path / "sluice.yaml"
    config.write_text(config.read_text().replace("a.duckdb", "b.duckdb"))
    assert resumed_after_change(project, first)["rows"] == [[20]]
    second = [each for each in project.json("approvals", "list", "--all") if each["approval_id"] != first["approval_id"]][0]
    shown = project.run("approvals", "show", second["approval_id"]).ok().out
    assert "a.duckdb" in shown and "b.duckdb" in shown


def test_a_server_that_is_down_does_not_use_a_yes_up(sluice, tmp_path, shop_postgres):
    project = Project(sluice, tmp_path, ("shop", "--postgres", shop_postgres))
    first = project.waiting(COUNT)
    config = tmp_path / "sluice.yaml"
    works = config.read_text()
    config.write_text(re.sub(r"localhost:\d+", "localhost:1", works))
    project.run("approvals", "approve", first["approval_id"]).ok()
    answer = project.resume(first["run_id"], "paused")
    assert answer["error"]["code"] == "E0442" and "runs resume" in answer["error"]["hint"]
    config.write_text(works)
    assert len(project.resume(first["run_id"])["rows"]) == 1
    assert len(project.json("approvals", "list", "--all")) == 1


def test_limits_of_a_run_are_those_it_began_with(sluice, tmp_path, make_duckdb):
    make_duckdb(tmp_path / "shop.duckdb", "CREATE TABLE n AS SELECT range AS id FROM range(3000000)")
    project = Project(sluice, tmp_path, ("shop", "--duckdb", "shop.duckdb"))
    config = tmp_path / "sluice.yaml"
    config.write_text(config.read_text() + "limits: {seconds: 1, scan_rows_max: 100000000000000}\n")
    # Takes minutes: only the deadline ends it.
    first = project.waiting("SELECT sum(abs(a.id - b.id)) AS far FROM n a JOIN n b ON a.id < b.id")
    config.write_text(config.read_text().replace("seconds: 1", "seconds: 600"))
    project.run("approvals", "approve", first["approval_id"]).ok()
    answer = project.resume(first["run_id"], "failed")
    assert answer["error"]["code"] == "E0408"
    assert "step attempt failed" not in [event["type"] for event in project.json("runs", "events", first["run_id"])], "its time is not used up again"


def test_a_dropped_table_ends_the_run_with_a_reason(sluice, tmp_path, make_duckdb):
    path = make_duckdb(tmp_path / "shop.duckdb", "CREATE TABLE orders AS SELECT 1 AS id, 2.5 AS freight")
    project = Project(sluice, tmp_path, ("shop", "--duckdb", "shop.duckdb"))
    first = project.waiting(COUNT)
    make_duckdb(path, "ALTER TABLE orders RENAME TO orders_old")
    project.run("approvals", "approve", first["approval_id"]).ok()
    answer = project.resume(first["run_id"], "failed")
    assert "orders" in answer["error"]["message"] and answer["rows"] == [] and executed(project, first["run_id"]) == []


def test_a_changed_table_in_postgres_while_a_process_waits(sluice, tmp_path, postgres):
    url = postgres.create_database("changing", "CREATE TABLE orders (id int, freight numeric); INSERT INTO orders SELECT g, 2.5 FROM generate_series(1, 10) g")
    project = Project(sluice, tmp_path, ("changing", "--postgres", url))
    child, first = project.ask_and_wait(COUNT)
    with postgres.connect("changing") as connection:
        connection.execute("ALTER TABLE orders ALTER COLUMN freight TYPE double precision")
    project.run("approvals", "approve", first["approval_id"]).ok()
    second = second_card(project, first)
    assert executed(project, first["run_id"]) == [] and child.poll() is None
    project.run("approvals", "approve", second["approval_id"]).ok()
    assert finish(child, "answered")["rows"] == [[10]]


def test_a_changed_view_below_a_view_in_postgres(sluice, tmp_path, postgres):
    url = postgres.create_database("views", "CREATE TABLE t AS SELECT g AS id FROM generate_series(1, 10) g; CREATE VIEW a AS SELECT id FROM t WHERE id < 5;"
                                   "CREATE VIEW b AS SELECT id FROM a")
    project = Project(sluice, tmp_path, ("views", "--postgres", url))
    child, first = project.ask_and_wait("SELECT count(*) AS n FROM b")
    with postgres.connect("views") as connection:
        connection.execute("CREATE OR REPLACE VIEW a AS SELECT id FROM t WHERE id < 8")
    project.run("approvals", "approve", first["approval_id"]).ok()
    second = second_card(project, first)
    assert executed(project, first["run_id"]) == []
    project.run("approvals", "approve", second["approval_id"]).ok()
    assert finish(child, "answered")["rows"] == [[7]]


# What a view's owner could put in place of an approved view: a function that writes a file as its owner, and that already planning runs.
SMUGGLE = """CREATE FUNCTION write() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
  EXECUTE format('COPY (SELECT 1) TO %L', current_setting('data_directory') || '/smuggled_' || current_database()); END $$;
CREATE FUNCTION smuggle() RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM write(); RETURN 1; END $$;
CREATE TABLE t AS SELECT g::bigint AS id FROM generate_series(1, 10) g; CREATE VIEW v AS SELECT id FROM t;"""
REPLACED = "CREATE OR REPLACE VIEW v AS SELECT smuggle() AS id"


def smuggled(postgres, database):
    with postgres.connect(database) as connection:
        row = connection.execute("SELECT pg_stat_file(current_setting('data_directory') || '/smuggled_' || current_database(), true)").fetchone()
        return row[0] is not None


def test_a_function_put_under_an_approved_view_never_runs(sluice, tmp_path, postgres):
    url = postgres.create_database("smuggling", SMUGGLE)
    project = Project(sluice, tmp_path, ("smuggling", "--postgres", url))
    first = project.waiting("SELECT max(id) AS n FROM v")
    with postgres.connect("smuggling") as connection:
        connection.execute(REPLACED)
    project.run("approvals", "approve", first["approval_id"]).ok()
    answer = project.resume(first["run_id"], "failed")
    assert "smuggle" in answer["error"]["message"] and not smuggled(postgres, "smuggling")
    assert executed(project, first["run_id"]) == []
    with postgres.connect("smuggling") as connection:  # it would have
        connection.execute("SELECT * FROM v")
    assert smuggled(postgres, "smuggling")


def test_a_function_put_under_a_view_before_its_proof_never_runs(sluice, tmp_path, postgres):
    url = postgres.create_database("early", SMUGGLE)
    project = Project(sluice, tmp_path, ("early", "--postgres", url))

    def steps(run_id):
        return {event["path"].split("/")[-1] for event in project.json("runs", "events", run_id) if event["type"] == "step completed"}

    def dies_between():
        for number in range(2, 30):
            known = {run["run_id"] for run in project.json("runs", "list")}
            died, _ = killed_at(project, "fdatasync", number, "query", "SELECT max(id) AS n FROM v", "--output", "json")
            assert died, "the run reached its approval"
            new = [run["run_id"] for run in project.json("runs", "list") if run["run_id"] not in known]
            if new and {"read catalog", "propose"} <= steps(new[0]):
                return new[0]
        raise AssertionError("no kill fell between the catalog and the proof")

    run_id = dies_between()
    assert "prove" not in steps(run_id)
    with postgres.connect("early") as connection:
        connection.execute(REPLACED)
    answer = project.resume(run_id, "failed")
    assert "smuggle" in answer["error"]["message"] and not smuggled(postgres, "early")
