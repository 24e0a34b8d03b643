"""glossary.yml: what people's words mean, read with each question, held against the catalog, recorded with the run."""

import pytest
from project import Project, check_trouble, until

GOOD = """
terms:
  - {term: client, means: customers, synonyms: [account]}
values:
  - {term: domestic, condition: {column: customers.country, equals: Germany}}
measures:
  - {term: revenue, table: order_items, expression: sum(quantity * unit_price * (1 - discount))}
defaults:
  - {table: orders, filter: {column: status, not_equals: returned}, date: ordered_at}
"""
COUNT = "SELECT count(*) AS n FROM orders"


@pytest.fixture
def shop(sluice, tmp_path, shop_duckdb):
    return Project(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb))


def write(project, text, name="glossary.yml"):
    (project.folder / name).write_text(text, encoding="utf-8")


def steps(project, run_id, name):
    return [event["body"]["input"] for event in project.json("runs", "events", run_id) if event["type"] == "step completed" and event["path"].endswith(name)]


def test_init_says_that_there_may_be_one(sluice, tmp_path, shop_duckdb):
    assert "glossary.yml" in sluice.run(["init", "shop", "--duckdb", shop_duckdb], tmp_path).ok().err


@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
def test_a_good_one_is_recorded_and_nothing_is_said(request, sluice, tmp_path, kind):
    shop = Project(sluice, tmp_path, ("shop", f"--{kind}", request.getfixturevalue(f"shop_{kind}")))
    write(shop, GOOD)
    assert "!" not in shop.run("catalog", "show").ok().err
    findings = {finding["what"]: finding for finding in shop.json("doctor")}
    assert findings["glossary"]["ok"] and findings["glossary"]["warnings"] == [] and findings["glossary"]["detail"].endswith("/glossary.yml")
    answer = shop.run("ask", "how many orders are there?", "--approve", "policy", "--output", "json").ok().json()
    run = shop.json("runs", "events", answer["run_id"])
    assert len(run[0]["body"]["input"]["glossary"]) == 64
    # A person's own SQL means what it says.
    own = shop.answer(COUNT)
    assert "glossary" not in shop.json("runs", "events", own["run_id"])[0]["body"]["input"]


def test_a_run_goes_by_what_was_written_when_it_was_asked(shop):
    write(shop, GOOD)
    child = shop.start("ask", "how many orders are there?", "--output", "json")
    first = until(lambda: shop.json("approvals", "list"), "an approval")[0]
    write(shop, "terms: [{term: client, means: nothing}]")
    shop.run("approvals", "refine", first["approval_id"], "per status").ok()
    second = until(lambda: [each for each in shop.json("approvals", "list") if each["approval_id"] != first["approval_id"]], "the next one")[0]
    shop.run("approvals", "reject", second["approval_id"]).ok()
    child.communicate(timeout=30)
    inputs = steps(shop, first["run_id"], "propose")
    assert len(inputs) == 2 and inputs[0]["glossary"] == inputs[1]["glossary"]


def test_what_cannot_be_read_is_told_with_its_line(shop):
    for text, code, where in (("terms:\n  - {term: client, mean: customers}\n", "E0740", 'line 2: there is no key "mean" in an entry of terms; did you mean'),
                              ("terms: [", "E0701", "glossary.yml line "), ("\tterms:", "E0701", "line 1"), ("terms: []\nterms: []\n", "E0706", "line 2")):
        write(shop, text)
        ran = check_trouble(shop.run("ask", "how many orders are there?"), code)
        assert where in ran.err and "glossary.yml" in ran.err
        assert where in shop.run("catalog", "show").ok().err
        doctor = shop.run("doctor")
        assert doctor.code == 1 and "✗ glossary" in doctor.out and where in doctor.out
        shop.answer(COUNT)


def test_what_is_not_in_the_catalog_warns_and_stops_a_question(shop):
    write(shop, "measures:\n  - {term: revenue, table: order_items, expression: sum(quantity * price)}\n"
                "terms:\n  - {term: client, means: custmers}\n")
    client = 'glossary.yml line 4: table "custmers" is not in connection "shop"'
    price = 'glossary.yml line 2: table "order_items" has no column "price"'
    ran = check_trouble(shop.run("ask", "how many orders are there?"), "E0741")
    assert client in ran.err and 'did you mean "customers"?' in ran.err and "(and 1 more: `sluice doctor` lists them)" in ran.err
    shown = shop.run("catalog", "show").ok()
    assert client in shown.err and price in shown.err and "glossary" not in shown.out
    findings = {finding["what"]: finding for finding in shop.json("doctor")}
    assert len(findings["glossary"]["warnings"]) == 2 and price in findings["glossary"]["warnings"][1]
    shop.answer(COUNT)


@pytest.mark.parametrize("expression, code, where", [
    ("sum(quantity *", "E0908", 'in "sum(quantity *", at character 15: something is missing at the end'),
    ("quantity * unit_price", "E0742", '"quantity * unit_price" has a value for each row'),
    ("sum(freight", "E0908", "at character 4: the parenthesis that opens here is not closed"),
    ("sum(line); DROP TABLE orders", "E0908", 'at character 10: ";" means nothing here'),
])
def test_what_cannot_be_computed_is_told_with_its_place(shop, expression, code, where):
    write(shop, f"measures:\n  - {{term: revenue, table: order_items, expression: '{expression}'}}\n")
    ran = check_trouble(shop.run("ask", "how many orders are there?"), code)
    assert where in ran.err and "glossary.yml line 2: " in ran.err


def test_entries_are_for_their_connections(shop, make_duckdb):
    other = make_duckdb(shop.folder / "other.duckdb", "CREATE TABLE accounts (id INTEGER)")
    shop.run("init", "crm", "--duckdb", other).ok()
    write(shop, "terms:\n  - {term: client, means: customers, connections: [shop]}\n  - {term: client, means: accounts, connections: crm}\n")
    for name in ("shop", "crm"):
        assert "!" not in shop.run("catalog", "show", "--on", name).ok().err
    write(shop, "terms:\n  - {term: client, means: customers}\n")
    assert "line 2" in shop.run("catalog", "show", "--on", "crm").ok().err and "!" not in shop.run("catalog", "show", "--on", "shop").ok().err
    write(shop, "terms:\n  - {term: client, means: customers, connections: [shpo]}\n")
    assert 'did you mean "shop"?' in check_trouble(shop.run("ask", "how many orders?", "--on", "shop"), "E0740").err


def test_sluice_yaml_may_name_another_file(shop):
    config = shop.folder / "sluice.yaml"
    config.write_text(config.read_text() + "glossary: words/ours.yml\n")
    check_trouble(shop.run("ask", "how many orders are there?"), "E0709")
    (shop.folder / "words").mkdir()
    write(shop, "terms: [{term: client, means: nobody}]", "words/ours.yml")
    assert "words/ours.yml line 1" in check_trouble(shop.run("ask", "how many orders are there?"), "E0741").err


def test_what_a_dbt_project_says_counts_where_the_database_says_nothing(shop):
    config = shop.folder / "sluice.yaml"
    config.write_text(config.read_text().replace("    path:", "    dbt_project: jaffle\n    path:"))
    check_trouble(shop.run("catalog", "show"), "E0725")
    models = shop.folder / "jaffle" / "models"
    models.mkdir(parents=True)
    (models.parent / "dbt_project.yml").write_text("name: jaffle\n")

    def comment(name):
        return {table["name"]["name"]: table for table in shop.json("catalog", "show")["tables"]}[name].get("comment", "")

    def catalog_of_a_question():
        run_id = shop.run("ask", "how many orders are there?", "--approve", "policy", "--output", "json").ok().json()["run_id"]
        return next(event["body"]["value"]["artifact"] for event in shop.json("runs", "events", run_id) if event["path"].endswith("read catalog"))

    # One process leaves its catalog to the next, until something in the project changes.
    first = catalog_of_a_question()
    assert catalog_of_a_question() == first
    (models / "schema.yml").write_text("models:\n- {name: orders, description: no}\n- {name: customers, description: Who bought once.}\n")
    assert catalog_of_a_question() != first
    assert comment("orders") == "One row for each order, whatever became of it" and comment("customers") == "Who bought once."
    (models / "broken.yml").write_text("models: [")
    warnings = {finding["what"]: finding["warnings"] for finding in shop.json("doctor")}["connection shop"]
    assert any("descriptions that were passed over" in warning and "broken.yml" in warning for warning in warnings)
