"""People log in at a provider of OpenID Connect: a real one, and one that lies."""

import http.client
import json
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from browsing import browser, tab  # noqa: F401: fixtures are used by their names
from login_provider import CLIENT, SECRET, Liar, Provider
from playwright.sync_api import expect
from project import Project
from serving import Server, free_port

SQL = "SELECT status, count(*) AS n FROM orders GROUP BY status ORDER BY status"
ACCOUNTS = {"ada": {"email": "Ada@example.org", "email_verified": True},
            "bob": {"email": "bob@example.org", "email_verified": True, "groups": ["data", "other"]},
            "ina": {"email": "ina@example.org", "email_verified": True},
            "eve": {"email": "ada@example.org", "email_verified": False},
            "out": {"email": "ada@elsewhere.example", "email_verified": True},
            "tok": {"email": "token:all", "email_verified": True}}


def configure(shop, issuer, more=""):
    shop.env["OIDC_CLIENT_SECRET"] = SECRET
    with open(shop.folder / "sluice.yaml", "a", encoding="utf-8") as config:
        config.write(f"""
server:
  login: oidc
  oidc:
    issuer: {issuer}
    client_id: {CLIENT}
    client_secret: "${{OIDC_CLIENT_SECRET}}"
    allowed_domains: [example.org]
    name: Example ID
{more}
  access:
    - {{who: ada@example.org, role: approver, connections: all, workflows: all}}
    - {{who: "group:data", role: analyst, connections: all, workflows: all}}
    - {{who: "token:ci", role: viewer, connections: all, workflows: all}}
    - {{who: "token:all", role: admin, connections: all, workflows: all}}
""")


@pytest.fixture
def shop(sluice, tmp_path, shop_sqlite):
    return Project(sluice, tmp_path, ("shop", "--sqlite", shop_sqlite))


@pytest.fixture
def started():
    """What a test starts, ended in reverse order."""
    all_of_it = []
    yield all_of_it
    for one in reversed(all_of_it):
        one.stop()


@pytest.fixture
def real(shop, started, tmp_path):
    def start(method="client_secret_basic"):
        port, at = free_port(), free_port()
        started.append(Provider(tmp_path, at, f"http://127.0.0.1:{port}/login/callback", ACCOUNTS, method))
        configure(shop, started[-1].issuer)
        if method == "none":
            config = shop.folder / "sluice.yaml"
            config.write_text(re.sub(r"\n    client_secret: .*", "", config.read_text(encoding="utf-8")), encoding="utf-8")
        started.append(Server(shop, listen=f"127.0.0.1:{port}"))
        return started[-1]
    return start


@pytest.fixture
def lies(shop, started, tmp_path):
    port = free_port()
    liar = Liar(tmp_path, port)
    started.append(liar)
    configure(shop, liar.issuer)
    started.append(Server(shop))
    return started[-1], liar


def entries(shop, kind):
    return [entry["body"] for entry in map(json.loads, shop.run("audit", "export").ok().out.splitlines()) if entry["kind"] == kind]


def sign_in(page, login):
    page.get_by_role("link", name="Sign in with Example ID").click()
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill("any")
    page.locator("button[type=submit]").click()
    page.get_by_role("button", name="Continue").click()


# --- a real provider ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_a_browser_logs_in_and_ends_where_it_wanted_to(real, shop, tab, method):
    server = real(method)
    page = tab(f"{server.url}/runs?status=waiting")
    sign_in(page, "ada")
    page.wait_for_url(f"{server.url}/runs?status=waiting")
    session = page.evaluate("fetch('/api/v1/session').then(answer => answer.json())")
    assert session["person"] == "ada@example.org" and session["login"] == "oidc" and session["roles"][0]["role"] == "approver"
    assert page.evaluate("document.cookie") == ""
    asked = page.evaluate("""token => fetch('/api/v1/ask', {method: 'POST', body: JSON.stringify({sql: 'SELECT 1 AS one'}),
      headers: {'Content-Type': 'application/json', 'X-CSRF-Token': token}}).then(answer => answer.status)""", session["csrf_token"])
    assert asked == 202
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Sign in with Example ID")).to_be_visible()
    assert entries(shop, "login") == [{"who": "ada@example.org"}]
    assert not any(SECRET in (shop.folder / name).read_text(encoding="utf-8", errors="replace") for name in ("serve.log", "sluice.yaml"))


def test_a_group_grants(real, shop, tab):
    server = real()
    page = tab(server.url)
    sign_in(page, "bob")
    page.wait_for_url(f"{server.url}/runs")
    session = page.evaluate("fetch('/api/v1/session').then(answer => answer.json())")
    assert session["person"] == "bob@example.org" and [one["role"] for one in session["roles"]] == ["analyst"]
    assert entries(shop, "login") == [{"who": "bob@example.org", "groups": "data"}]


def test_who_is_granted_nothing_may_do_nothing(real, tab):
    server = real()
    page = tab(server.url)
    sign_in(page, "ina")
    page.wait_for_url(f"{server.url}/runs")
    assert page.evaluate("fetch('/api/v1/session').then(answer => answer.json())")["roles"] == []
    assert page.evaluate("fetch('/api/v1/runs').then(answer => answer.json())").get("runs") in (None, [])
    assert page.evaluate("fetch('/api/v1/catalog').then(answer => answer.status)") in (403, 404)


@pytest.mark.parametrize(("login", "words"), [("eve", "is verified"), ("out", "of a domain"), ("tok", "domain")])
def test_who_may_not_log_in_is_told_why(real, shop, tab, login, words):
    server = real()
    page = tab(f"{server.url}/ask")
    sign_in(page, login)
    expect(page.get_by_role("heading")).to_have_text("Signing in did not work")
    assert words in page.locator("main").inner_text()
    assert page.get_by_role("link", name="Sign in again").get_attribute("href") == "/login/start?return_to=/ask"
    assert page.evaluate("fetch('/api/v1/session').then(answer => answer.status)") == 401
    assert entries(shop, "refused")[-1]["deed"] == "log in" and entries(shop, "login") == []


def test_a_provider_that_is_away_is_said(shop, started):
    configure(shop, f"http://127.0.0.1:{free_port()}")
    server = Server(shop)
    started.append(server)
    answer = server.request("GET", "/login/start")
    assert answer.status == 503 and b"E1310" in answer.body and b"the login provider cannot be used" in answer.body
    assert server.get("/runs", {"Authorization": f"Bearer {token(shop)}"}).ok(), "tokens are taken all the same"


def token(shop):
    return re.search(r"slu_[A-Za-z0-9_-]{43}", shop.run("tokens", "create", "ci", "--expires", "1d").ok().out)[0]


# --- a provider that lies, and browsers that do -------------------------------------------------------------------------


class Browser:
    """Keeps cookies and follows nothing by itself."""

    def __init__(self, server):
        self.server, self.cookies = server, {}

    def get(self, url):
        where = urlsplit(url)
        connection = http.client.HTTPConnection(where.hostname or self.server.host, where.port or self.server.port, timeout=30)
        ours = (where.port or self.server.port) == self.server.port
        cookies = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if ours and self.cookies else {}
        connection.request("GET", where.path + (f"?{where.query}" if where.query else ""), headers=cookies)
        came = connection.getresponse()
        body = came.read()
        if ours:
            for said in came.headers.get_all("Set-Cookie") or []:
                name, value = said.split(";")[0].split("=", 1)
                self.cookies[name] = value
                if not value:
                    del self.cookies[name]
        connection.close()
        return came, body

    def begin(self, path="/login/start"):
        """To the provider and back: the address that the browser is sent to then."""
        came, body = self.get(path)
        assert came.status == 303, body
        return self.get(came.headers["location"])[0].headers["location"]

    def is_in(self):
        return self.get("/api/v1/session")[0].status == 200


def test_a_login_that_is_in_order(lies):
    server, liar = lies
    browser = Browser(server)
    came, _ = browser.get(browser.begin("/login/start?return_to=/runs"))
    assert came.status == 303 and came.headers["location"] == "/runs" and browser.is_in()
    asked, redeemed = liar.asked[0], liar.redeemed[0]
    assert asked["code_challenge_method"] == "S256" and asked["response_type"] == "code" and "openid" in asked["scope"].split()
    assert len({asked["state"], asked["nonce"], redeemed["code_verifier"][0]}) == 3
    assert redeemed["redirect_uri"] == [asked["redirect_uri"]]


@pytest.mark.parametrize(("claims", "words"), [
    ({"exp": 1_700_000_000}, "E1307"), ({"nbf": 4_000_000_000}, "E1307"), ({"iat": 4_000_000_000}, "E1307"), ({"exp": None}, "E1307"),
    ({"iss": "https://elsewhere.example"}, "E1307"), ({"aud": "another"}, "E1307"), ({"aud": [CLIENT, "another"]}, "E1307"),
    ({"azp": "another"}, "E1307"), ({"nonce": "0" * 64}, "E1307"), ({"nonce": None}, "E1307"), ({"sub": None}, "E1307"),
    ({"email_verified": False}, "E1313"), ({"email_verified": None}, "E1313"), ({"email": None}, "E1313"), ({"email": "ada@elsewhere.example"}, "E1313"),
    ({"email": "ada@example.org@elsewhere.example"}, "E1313"), ({"email": "group:data@example.org"}, "E1301"),
], ids=str)
def test_a_token_that_says_something_else_lets_nobody_in(lies, shop, claims, words):
    server, liar = lies
    liar.claims = claims
    browser = Browser(server)
    came, body = browser.get(browser.begin())
    assert came.status in (401, 403) and words in body.decode(), body
    assert not browser.is_in()
    assert entries(shop, "refused")[-1]["deed"] == "log in" and entries(shop, "login") == []


def forged(liar):
    changed = lambda claims: ".".join([liar.key.token(**claims).split(".")[0], liar.key.token(**{**claims, "sub": "eve"}).split(".")[1],  # noqa: E731
                                       liar.key.token(**claims).split(".")[2]])
    return {"none": lambda claims: liar.key.token("none", **claims), "another key": lambda claims: liar.other.token(**claims), "changed": changed,
            "secret in common": lambda claims: liar.key.token("HS256", **claims), "garbage": lambda _: "a.b.c", "nothing": lambda _: "",
            "long": lambda claims: liar.key.token(**claims, more="x" * 100_000)}


@pytest.mark.parametrize("how", ["none", "another key", "changed", "secret in common", "garbage", "nothing", "long"])
def test_a_token_that_is_forged_lets_nobody_in(lies, shop, how):
    server, liar = lies
    liar.sign = forged(liar)[how]
    browser = Browser(server)
    came, body = browser.get(browser.begin())
    assert came.status >= 400 and re.search(rb"E13\d\d", body), body
    assert not browser.is_in() and entries(shop, "login") == []


def test_what_comes_back_counts_once_in_one_browser_for_one_login(lies, shop):
    server, _ = lies
    victim, thief = Browser(server), Browser(server)
    back = victim.begin()
    assert b"E1312" in thief.get(back)[1] and not thief.is_in(), "another browser, without the cookie"
    thief.begin()
    assert b"E1312" in thief.get(back)[1] and not thief.is_in(), "another browser, with a login of its own"
    query = parse_qs(urlsplit(back).query)
    wrong = f"/login/callback?{urlencode({'state': '0' * 64, 'code': query['code'][0], 'iss': query['iss'][0]})}"
    assert b"E1312" in victim.get(wrong)[1] and not victim.is_in()
    assert victim.get(back)[0].status == 303 and victim.is_in()
    kept = dict(victim.cookies)
    assert b"E1312" in victim.get(back)[1], "it has come back before"
    victim.cookies = kept
    assert victim.is_in()
    assert {entry["deed"] for entry in entries(shop, "refused")} == {"log in"} and len(entries(shop, "login")) == 1


def test_somebody_elses_answer_is_refused(lies):
    """Mix-up (RFC 9207): what comes back says that another provider sent it, or does not say who."""
    server, _ = lies
    for iss in ("https://elsewhere.example", None):
        browser = Browser(server)
        query = {name: values[0] for name, values in parse_qs(urlsplit(browser.begin()).query).items()}
        query = {**query, "iss": iss} if iss else {name: value for name, value in query.items() if name != "iss"}
        assert b"E1311" in browser.get(f"/login/callback?{urlencode(query)}")[1] and not browser.is_in()


@pytest.mark.parametrize("where", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "/%09/elsewhere.example", "/api/v1/logout", "javascript:1"])
def test_nobody_is_sent_elsewhere_after_logging_in(lies, where):
    server, _ = lies
    browser = Browser(server)
    came, _ = browser.get(browser.begin(f"/login/start?{urlencode({'return_to': where})}"))
    assert came.headers["location"] == "/" and browser.is_in()


@pytest.mark.parametrize(("discovery", "words"), [({"issuer": "https://elsewhere.example"}, "elsewhere.example"), ({"token_endpoint": "http://elsewhere.example/token"}, "not https"),
                                                  ({"jwks_uri": ""}, "jwks_uri"), ({"authorization_endpoint": "javascript:1"}, "authorization_endpoint")])
def test_a_provider_that_is_not_what_it_should_be_is_not_used(lies, discovery, words):
    server, liar = lies
    liar.discovery = discovery
    came, body = Browser(server).get("/login/start")
    assert came.status == 503 and b"E1310" in body and words in body.decode()


def test_a_code_that_the_provider_does_not_take(lies):
    server, liar = lies
    liar.token_status = 400
    browser = Browser(server)
    came, body = browser.get(browser.begin())
    assert came.status >= 400 and b"E1311" in body and b"invalid_grant" in body and SECRET.encode() not in body and not browser.is_in()


def test_logging_in_anew_ends_what_the_browser_had(lies):
    server, _ = lies
    browser = Browser(server)
    browser.get(browser.begin())
    before = dict(browser.cookies)
    browser.get(browser.begin())
    after = dict(browser.cookies)
    assert before != after and browser.is_in()
    browser.cookies = before
    assert not browser.is_in()


def test_one_person_has_no_more_than_twenty_sessions(lies):
    server, _ = lies
    all_of_them = [Browser(server) for _ in range(22)]
    for browser in all_of_them:
        browser.get(browser.begin())
    assert [browser.is_in() for browser in all_of_them] == [False] * 2 + [True] * 20


@pytest.mark.parametrize(("old", "new"), [("issuer: http", "issuer: ftp"), ("client_id: sluice", "clientid: sluice"), ("login: oidc", "login: tokens"),
                                          ("    issuer", "    algorithms: [HS256]\n    issuer"), ("    issuer", "    algorithms: [none]\n    issuer")])
def test_a_configuration_that_is_wrong_is_refused(shop, old, new):
    configure(shop, "http://127.0.0.1:1")
    config = shop.folder / "sluice.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    ran = shop.run("serve", "--listen", "127.0.0.1:0")
    assert ran.code == 1 and re.search(r"error E070[2-6]", ran.err) and "sluice.yaml" in ran.err, ran.err
