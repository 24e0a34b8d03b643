"""A real Chromium. Fixtures are imported by name."""

import shutil

import pytest
from conftest import need
from playwright.sync_api import sync_playwright

ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
SIZES = {"phone": (390, 844), "laptop": (1280, 800), "wall": (2560, 1300)}
WAIT_MS = 15_000


@pytest.fixture(scope="module")
def browser():
    path = shutil.which("chromium")
    if path is None:
        need("chromium is not installed; run ./dev test, which installs it")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield launched
        launched.close()


@pytest.fixture
def tab(browser):
    """Opens a page; whatever it says as an error fails the test."""
    contexts, errors = [], []

    def open_tab(url, size="laptop", theme="light"):
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme, permissions=["clipboard-read", "clipboard-write"])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" and "Content Security Policy" in said.text else None)
        page.goto(url)
        return page

    yield open_tab
    for context in contexts:
        context.close()
    assert errors == []
