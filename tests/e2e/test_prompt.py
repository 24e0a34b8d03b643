"""The gate on a terminal: only a whole line that says exactly so, typed after the card was shown, decides."""

import signal
import time

import pexpect
import pytest
from project import Project, until

COUNT = "SELECT count(*) AS n FROM orders"
PROMPT = "leave it waiting, then Enter"
REFUSAL = "That decides nothing. Type approve, refine, reject, edit or quit"
# A prompt looks several times a second for what was decided.
DECIDED_SECONDS = 0.4


@pytest.fixture
def shop(sluice, tmp_path, shop_duckdb):
    return Project(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb))


@pytest.fixture
def terminal(shop, pty):
    return pty(["query", COUNT], shop.folder, env={"NO_COLOR": "1"}, timeout=20)


def statuses(shop):
    return [each["status"] for each in shop.json("approvals", "list", "--all")]


def end_of(terminal):
    terminal.expect(pexpect.EOF)
    terminal.close()
    return terminal.before, terminal.exitstatus


@pytest.mark.parametrize("delay_ms", [0, 10, 50, 100, 150])
def test_what_is_typed_ahead_decides_nothing(shop, pty, delay_ms):
    terminal = pty(["query", COUNT], shop.folder, env={"NO_COLOR": "1"}, timeout=20)
    terminal.delaybeforesend = None
    time.sleep(delay_ms / 1000)
    terminal.send("a\n" * 3)
    terminal.expect_exact(PROMPT)
    time.sleep(DECIDED_SECONDS)
    assert statuses(shop) == ["open"]
    terminal.sendline("q")
    text, code = end_of(terminal)
    assert code == 1 and "runs resume" in text


def test_a_line_that_is_no_choice_decides_nothing(shop, terminal):
    terminal.expect_exact(PROMPT)
    for line in ("cancel", "no, that is wrong", "I cannot approve this", "", "aa", "a b", "y", "yes", "reject it", "a\x04", "\x1b[A", "a" * 3000):
        terminal.sendline(line)
        terminal.expect_exact(REFUSAL)
        time.sleep(DECIDED_SECONDS)
        assert statuses(shop) == ["open"] and terminal.isalive(), line
    terminal.sendline("a")
    text, code = end_of(terminal)
    assert code == 0 and "1 row, " in text


def test_letters_without_enter_decide_nothing(shop, terminal):
    terminal.expect_exact(PROMPT)
    terminal.send("a")
    time.sleep(DECIDED_SECONDS)
    assert statuses(shop) == ["open"] and terminal.isalive()
    terminal.sendline("")
    assert end_of(terminal)[1] == 0


@pytest.mark.parametrize("line", ["a", " APPROVE ", "Approve\r"])
def test_any_case_and_spaces_around(shop, terminal, line):
    terminal.expect_exact(PROMPT)
    terminal.send(line if line.endswith("\r") else line + "\n")
    assert end_of(terminal)[1] == 0 and statuses(shop) == ["approved"]


def test_what_is_pasted_behind_a_choice_answers_no_later_prompt(shop, terminal):
    terminal.expect_exact(PROMPT)
    terminal.send("r\nbecause\na\n")
    terminal.expect_exact("why (empty for no reason), then Enter: ")
    time.sleep(DECIDED_SECONDS)
    assert statuses(shop) == ["open"]
    terminal.sendline("too many rows")
    text, code = end_of(terminal)
    assert code == 1 and "rejected by" in text and "too many rows" in text


def test_a_terminal_in_raw_mode_gives_lines_and_gets_its_mode_back(shop):
    line = f"stty -icanon -echo -icrnl; '{shop.sluice.path}' query '{COUNT}'; echo code=$?; stty -a"
    terminal = pexpect.spawn("bash", ["-c", line], cwd=str(shop.folder), env=shop.sluice.environment({"NO_COLOR": "1"}), timeout=20, encoding="utf-8",
                             dimensions=(50, 160))
    try:
        terminal.expect_exact(PROMPT)
        terminal.send("no, cancel\r")
        terminal.expect_exact(REFUSAL)
        terminal.send("a\r")
        text = end_of(terminal)[0]
        assert "code=0" in text and "-icanon" in text and "-icrnl" in text, text
    finally:
        terminal.close(force=True)
    until(lambda: statuses(shop) == ["approved"], "the approval")


def editing(shop, pty, script):
    """A terminal on which edit was chosen, with that shell script as the editor and a folder of its own for the file."""
    folder = shop.folder / "edits"
    folder.mkdir()
    editor = shop.folder / "editor"
    editor.write_text(f"#!/bin/sh\n{script}\n")
    editor.chmod(0o755)
    terminal = pty(["query", COUNT], shop.folder, env={"NO_COLOR": "1", "TMPDIR": str(folder), "EDITOR": str(editor)}, timeout=20)
    terminal.expect_exact(PROMPT)
    terminal.sendline("e")
    return terminal, folder


def test_an_edit_that_failed_can_be_taken_up_again(shop, pty):
    # It fails the first time, and adds to what it finds the second.
    script = 'if [ -e seen ]; then echo "AS again FROM orders" >>"$1"; else touch seen; echo "SELECT count(*)" >"$1"; exit 1; fi'
    terminal, folder = editing(shop, pty, script)
    terminal.expect_exact("your text is kept")
    terminal.expect_exact(PROMPT)
    terminal.sendline("e")
    terminal.expect_exact(PROMPT)
    terminal.sendline("a")
    text, code = end_of(terminal)
    assert code == 0 and "again" in text and not list(folder.iterdir()), text


def test_an_edit_that_does_not_prove_can_be_mended(shop, pty):
    # A name is misspelt the first time, and corrected in what is found the second.
    script = 'if grep -q odrers "$1"; then sed -i s/odrers/orders/ "$1"; else echo "SELECT count(*) AS mended FROM odrers" >"$1"; fi'
    terminal, _ = editing(shop, pty, script)
    terminal.expect_exact(PROMPT)
    assert "back to the former proposal" in terminal.before and "edit opens your text again" in terminal.before, terminal.before
    terminal.sendline("e")
    terminal.expect_exact(PROMPT)
    terminal.sendline("a")
    text, code = end_of(terminal)
    assert code == 0 and "mended" in text, text


@pytest.mark.parametrize("script", ['rm "$1"; ln -s /dev/zero "$1"', 'rm "$1"', 'head -c 2000000 /dev/zero >"$1"'])
def test_what_an_editor_leaves_is_read_with_a_bound(shop, pty, script):
    terminal, folder = editing(shop, pty, script)
    terminal.expect_exact("E0804")
    terminal.expect_exact(PROMPT)
    terminal.sendline("q")
    assert end_of(terminal)[1] == 1 and statuses(shop) == ["open"] and not list(folder.iterdir())


@pytest.mark.parametrize("hold", ["sleep 30", "trap '' HUP; sleep 5"])
def test_a_closed_terminal_leaves_no_edit_file(shop, pty, hold):
    terminal, folder = editing(shop, pty, f"touch '{shop.folder}/opened'; {hold}")
    until((shop.folder / "opened").exists, "the editor")
    assert len(list(folder.iterdir())) == 1
    for _ in range(3):
        terminal.kill(signal.SIGHUP)
    terminal.close(force=False)
    until(lambda: not list(folder.iterdir()), "the edit file gone", seconds=3)
    assert statuses(shop) == ["open"]
