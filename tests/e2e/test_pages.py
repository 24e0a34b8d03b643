"""The pages in a real Chromium, over the real program."""

import re
from pathlib import Path

import pytest
from browsing import SIZES, WAIT_MS, browser, tab  # noqa: F401: fixtures are used by their names
from playwright.sync_api import expect
from project import Project, finish, until
from serving import Server

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
SQL = "SELECT status, count(*) AS n FROM orders GROUP BY status ORDER BY status"
HIDDEN_SQL = "SELECT country, 'a\u202eb' AS odd FROM customers ORDER BY 1 LIMIT 3"
QUESTION = "how many orders are there per status?"


@pytest.fixture
def shop(sluice, tmp_path, shop_sqlite):
    return Project(sluice, tmp_path, ("shop", "--sqlite", shop_sqlite))


@pytest.fixture
def server(shop):
    served = Server(shop)
    yield served
    served.stop()


def violations(page):
    page.wait_for_load_state("load")
    # Not as a script of the page's, which its policy forbids, but from outside.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })")
    return [f"{each['id']}: {node['html'][:200]}" for each in found["violations"] for node in each["nodes"]]


def test_an_approval_in_the_browser_releases_a_run_of_a_terminal(server, shop, tab):
    page = tab(server.url + "/approvals")
    expect(page.get_by_text("Nothing waits for a decision")).to_be_visible()
    child, _ = shop.ask_and_wait(SQL)
    page.get_by_role("link", name=re.compile("SELECT")).click()  # it came by itself
    page.get_by_role("button", name=re.compile("^Run on shop")).click()
    finish(child, "answered")
    expect(page.get_by_text("approved", exact=True).first).to_be_visible()


def test_two_browsers_see_the_same_decision(server, tab):
    approval = server.waits(server.ask(QUESTION))
    where = f"{server.url}/approvals/{approval['approval_id']}"
    one, other = tab(where), tab(where)
    for page in (one, other):
        expect(page.get_by_role("button", name=re.compile("^Run on shop"))).to_be_enabled()
    one.keyboard.press("a")
    for page in (one, other):
        expect(page.get_by_text("approved", exact=True).first).to_be_visible()
        expect(page.get_by_role("button", name=re.compile("^Run on shop"))).to_have_count(0)


def test_the_inbox_is_worked_through_by_keyboard_alone(server, tab):
    asked = [server.waits(server.ask_sql(f"SELECT count(*) AS n FROM orders WHERE order_id > {n}")) for n in range(3)]
    page = tab(server.url + "/approvals")
    expect(page.locator(".inbox-item")).to_have_count(3)
    page.keyboard.press("j")  # the newest one
    expect(page).to_have_url(re.compile(asked[2]["approval_id"]))
    expect(page.get_by_role("button", name=re.compile("^Run on"))).to_be_enabled()
    page.keyboard.press("a")
    expect(page.get_by_text("approved", exact=True).first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(asked[1]["approval_id"]))
    expect(page.get_by_role("button", name=re.compile("^Run on"))).to_be_enabled()
    page.keyboard.press("r")
    page.keyboard.type("not needed: a, f and r are letters here")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("rejected", exact=True).first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(asked[0]["approval_id"]))
    expect(page.get_by_role("button", name=re.compile("^Run on"))).to_be_enabled()
    page.keyboard.press("f")
    page.keyboard.type("per status")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=re.compile("^Run on"))).to_be_visible()
    statuses = [server.get(f"/approvals/{each['approval_id']}").ok()["status"] for each in asked]
    assert statuses == ["open", "rejected", "approved"]
    assert server.get(f"/approvals/{asked[1]['approval_id']}").ok()["reason"].startswith("not needed: a, f and r")


def test_a_key_that_is_pressed_too_often_decides_one_thing(server, tab):
    asked = [server.waits(server.ask_sql(f"SELECT count(*) AS n FROM orders WHERE order_id > {n}")) for n in range(2)]
    page = tab(f"{server.url}/approvals/{asked[0]['approval_id']}")
    expect(page.get_by_role("button", name=re.compile("^Run on"))).to_be_enabled()
    page.keyboard.press("k")  # both cards are there: the next one needs no loading
    expect(page).to_have_url(re.compile(asked[1]["approval_id"]))
    expect(page.get_by_role("button", name=re.compile("^Run on"))).to_be_enabled()
    for key in ("a", "a", "Enter", "a", "a"):  # faster than anybody reads
        page.keyboard.press(key)
    expect(page.get_by_role("button", name=re.compile("^Run on")).or_(page.get_by_text("approved", exact=True)).first).to_be_visible()
    assert server.get(f"/approvals/{asked[0]['approval_id']}").ok()["status"] == "open"
    until(lambda: server.get(f"/approvals/{asked[1]['approval_id']}").ok()["status"] == "approved", "the first one is decided")


def test_a_refinement_brings_the_next_round_by_itself(server, tab):
    approval = server.waits(server.ask(QUESTION))
    page = tab(f"{server.url}/approvals/{approval['approval_id']}")
    expect(page.get_by_role("button", name=re.compile("^Run on"))).to_be_enabled()
    page.keyboard.press("f")
    page.get_by_text("Or give SQL of your own").click()
    page.get_by_label("SQL of your own").fill(SQL)
    page.get_by_role("button", name="Send back").click()
    page.wait_for_url(lambda url: approval["approval_id"] not in url and "/approvals/a" in url)
    expect(page.locator(".sql-line.removed, .sql-line.added").first).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Run on"))).to_be_enabled()


def test_what_hides_in_a_query_is_shown(server, tab):
    approval = server.waits(server.ask_sql(HIDDEN_SQL))
    page = tab(f"{server.url}/approvals/{approval['approval_id']}")
    expect(page.get_by_label("SQL", exact=True).locator("mark").first).to_have_text("\\u{202E}")
    expect(page.get_by_label("sample").locator("mark").first).to_have_text("\\u{202E}")
    assert "\u202e" not in page.locator("body").inner_text()


def test_a_question_is_asked_and_answered_on_one_page(server, tab):
    page = tab(server.url + "/ask")
    page.get_by_label("Question").fill(QUESTION)
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name=re.compile("^Run on shop")).click()
    expect(page.get_by_role("table", name="result")).to_be_visible()
    expect(page.locator(".bars")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert Path(download.value.path()).read_text(encoding="utf-8").splitlines()[0].startswith("status,")
    page.get_by_label("Question").fill("how many customers are there?")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".turn")).to_have_count(2)
    page.reload()
    expect(page.locator(".turn")).to_have_count(2)


def test_a_page_recovers_from_a_server_that_was_killed(shop, tab):
    first = Server(shop)
    run_id = first.ask(QUESTION)
    approval = first.waits(run_id)
    page = tab(f"{first.url}/approvals/{approval['approval_id']}")
    expect(page.get_by_role("button", name=re.compile("^Run on"))).to_be_enabled()
    port = first.port
    first.kill()
    expect(page.get_by_text("The connection to the server is lost")).to_be_visible()
    first.stop()
    second = Server(shop, listen=f"127.0.0.1:{port}")
    try:
        expect(page.get_by_text("The connection to the server is lost")).to_have_count(0, timeout=30_000)
        page.keyboard.press("a")
        second.ends(run_id)
        expect(page.get_by_text("approved", exact=True).first).to_be_visible()
    finally:
        second.stop()


def test_a_page_whose_login_has_ended_offers_it_again(shop, tab):
    """Sessions end with the server; a page that was open then finds its way back by itself."""
    with open(shop.folder / "sluice.yaml", "a", encoding="utf-8") as config:
        config.write("server: {login: tokens, access: [{who: 'token:ada', role: admin, connections: all, workflows: all}]}\n")
    token = shop.json("tokens", "create", "ada")["token"]
    first = Server(shop)
    page = tab(first.url + "/runs")
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("No runs yet")).to_be_visible()
    port = first.port
    first.kill()
    expect(page.get_by_text("The connection to the server is lost")).to_be_visible()
    first.stop()
    second = Server(shop, listen=f"127.0.0.1:{port}")
    try:
        expect(page.get_by_label("Token")).to_be_visible(timeout=30_000)
        page.get_by_label("Token").fill(token)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_text("No runs yet")).to_be_visible()
        shop.run("tokens", "revoke", "ada").ok()
        expect(page.get_by_label("Token")).to_be_visible(timeout=30_000)
    finally:
        second.stop()


def test_runs_appear_as_they_happen_and_filters_are_in_the_address(server, shop, tab):
    page = tab(server.url + "/runs")
    expect(page.get_by_text("No runs yet")).to_be_visible()
    shop.query(SQL).ok()
    expect(page.locator("main .status", has_text="answered").first).to_be_visible()
    server.ask("how many customers are there?")
    page.get_by_label("Search").fill("customers")
    expect(page).to_have_url(re.compile("text=customers"))
    expect(page.locator("a.virtual-row")).to_have_count(1)
    page.reload()
    expect(page.locator("a.virtual-row")).to_have_count(1)
    page.locator("a.virtual-row").click()
    expect(page.get_by_role("heading", name="how many customers are there?")).to_be_visible()
    expect(page.locator(".bar-row").first).to_be_visible()
    page.locator(".bar-row").first.click()
    expect(page).to_have_url(re.compile("step="))
    page.go_back()
    expect(page).to_have_url(re.compile("text=customers"))


def test_the_palette_reaches_everything(server, tab):
    server.waits(server.ask(QUESTION))
    page = tab(server.url + "/runs")
    expect(page.locator("a.virtual-row")).to_have_count(1)
    page.keyboard.press("Control+k")
    page.keyboard.type("approval per status")
    expect(page.get_by_role("option", name=re.compile("approval$"))).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/approvals/a-"))
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile("/catalog"))


def test_a_key_decides_one_of_several_cards(server, tab):
    """A thread of questions has a card each: a key is for the one that has the focus, else for the newest."""
    first, second, third = (server.waits(server.ask_sql(f"{SQL} LIMIT {n}")) for n in (5, 6, 7))
    page = tab(f"{server.url}/ask?thread={first['run_id']},{second['run_id']},{third['run_id']}")
    cards = page.get_by_role("article", name="approval")
    expect(cards).to_have_count(3)
    for n in range(3):
        expect(cards.nth(n).get_by_role("button", name=re.compile("^Run on shop"))).to_be_enabled()
    page.locator("h1").first.evaluate("it => { document.activeElement.blur(); it.scrollIntoView(); }")
    page.keyboard.press("a")
    page.wait_for_timeout(500)
    assert len(server.get("/approvals").ok()["approvals"]) == 3, "the newest cannot be seen"
    cards.nth(2).scroll_into_view_if_needed()
    page.keyboard.press("a")
    server.ends(third["run_id"])
    cards.nth(0).get_by_role("button", name=re.compile("^Refine")).focus()
    page.keyboard.press("a")
    server.ends(first["run_id"])
    assert [one["run_id"] for one in server.get("/approvals").ok()["approvals"]] == [second["run_id"]]


def test_arrows_scroll_a_long_query_and_the_list_moves_by_letters(server, tab):
    long = "SELECT status, count(*) AS n FROM orders WHERE order_id NOT IN (" + ", ".join(str(n) for n in range(300)) + ") GROUP BY status ORDER BY status"
    approvals = [server.waits(server.ask_sql(long)) for _ in range(2)]
    page = tab(f"{server.url}/approvals/{approvals[0]['approval_id']}")
    shown = page.locator(".sql").first
    shown.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.wait_for_timeout(300)
    expect(page).to_have_url(re.compile(approvals[0]["approval_id"]))
    page.keyboard.press("k")
    expect(page).to_have_url(re.compile(approvals[1]["approval_id"]))
    page.keyboard.press("?")
    page.keyboard.press("j")
    page.wait_for_timeout(300)
    expect(page).to_have_url(re.compile(approvals[1]["approval_id"]))


def test_a_filtered_list_is_live(server, tab):
    approval = server.waits(server.ask_sql(SQL))
    page = tab(server.url + "/runs?status=waiting")
    expect(page.locator("a.virtual-row")).to_have_count(1)
    server.decide(approval).ok()
    expect(page.locator("a.virtual-row")).to_have_count(0)
    page.get_by_label("Status").select_option("answered")
    expect(page.locator("a.virtual-row")).to_have_count(1)


def test_the_catalog_shows_rows_and_what_columns_hold(server, tab, tmp_path):
    page = tab(server.url + "/catalog?connection=shop&table=main.orders")
    keys = page.get_by_role("region", name="keys as a diagram")
    keys.get_by_role("link", name="order_items").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="table order_items")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Read 50 rows").click()
    expect(page.get_by_role("region", name="first rows").get_by_role("row")).to_have_count(51)
    page.get_by_role("button", name="What the columns hold").click()
    profile = page.get_by_role("region", name="profile")
    expect(profile).to_contain_text("Of all")
    held = server.post("/profile", {"table": "orders"}).ok()
    expect(profile.get_by_role("row")).to_have_count(len(held["columns"]) + 1)
    least, greatest = held["columns"][0]["least"], held["columns"][0]["greatest"]
    expect(profile.get_by_role("row").nth(1)).to_contain_text(re.compile(f"{least}.*{greatest}"))
    page.screenshot(path=tmp_path / "profile.png", full_page=True)
    assert violations(page) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_can_be_read_by_everybody(server, tab, size, theme, tmp_path):
    done = server.post("/query", {"sql": SQL}).ok()["run_id"]
    approval = server.waits(server.ask_sql(HIDDEN_SQL))["approval_id"]
    pages = {"/runs": "answered", f"/runs/{done}": "Steps", f"/approvals/{approval}": "Proof", f"/ask/{done}": "Downloads?|CSV", "/catalog?table=main.orders": "Column",
             "/costs": "Costs", "/health": "journal", "/runs?text=nothing": "No run is like that", "/runs/r-nothing": "E0102", "/nowhere": "."}
    page = tab(server.url, size, theme)
    for path, word in pages.items():
        page.goto(server.url + path)
        if path != "/nowhere":
            expect(page.locator("main").get_by_text(re.compile(word)).locator("visible=true").first).to_be_visible()
        page.screenshot(path=tmp_path / f"{re.sub(r'[^a-z]+', '_', path)}_{size}_{theme}.png")
        if path == "/nowhere":
            continue
        assert violations(page) == [], path
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is {wide} px wider than the window"


def test_the_first_view_is_small(server, tab):
    page = tab("about:blank")
    sizes = []
    page.on("response", lambda response: sizes.append(int(response.headers.get("content-length", 0))) if response.url.startswith(server.url) else None)
    page.goto(server.url + "/runs")
    expect(page.get_by_text("No runs yet")).to_be_visible()
    assert 50_000 < sum(sizes) < 200_000, sizes
