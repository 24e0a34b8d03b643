"""A disk that is full or in the way is a fault of this machine and no answer: the run pauses, and after mending the same yes carries it out, once."""

import json
import os
import shutil
import stat
import subprocess
import time

import pytest
import shop as shop_data
from conftest import Ran
from project import POLICY, Project, check_answer, check_history, check_trouble, finish, until

COUNT = "SELECT count(*) AS n FROM orders"
CHUNK = 4096


@pytest.fixture
def shop(sluice, tmp_path, shop_duckdb):
    return Project(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb))


class InTheWay:
    """A file lies where the folder should be."""

    def __init__(self, folder):
        self.folder = folder
        if folder.exists():
            folder.rename(folder.with_suffix(".away"))
        folder.parent.mkdir(exist_ok=True)
        folder.write_text("in the way")

    def mend(self):
        self.folder.unlink()
        if self.folder.with_suffix(".away").exists():
            self.folder.with_suffix(".away").rename(self.folder)


class FullDisk:
    """The folder is a small file system of its own, filled to the last byte."""

    def __init__(self, folder, size="512k"):
        self.folder, self.ballast = folder, folder / "ballast"
        folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True).returncode != 0:
            pytest.skip("only root can mount a small file system, and not everywhere")
        self.fill()

    def fill(self):
        with open(self.ballast, "ab", buffering=0) as ballast:
            try:
                while ballast.write(b"x" * CHUNK):
                    pass
            except OSError:
                return

    def mend(self):
        self.ballast.unlink()

    def end(self):
        subprocess.run(["umount", str(self.folder)], check=True)


class SmallBlocks:
    """The folder is a file system whose blocks are smaller than a page of memory: a file written through memory may find no room there."""

    def __init__(self, folder):
        self.folder, self.ballast, self.image = folder, folder / "ballast", folder.parent / "small-blocks"
        folder.mkdir(parents=True, exist_ok=True)
        self.image.write_bytes(b"")
        os.truncate(self.image, 6_000_000)
        for command in (["mkfs.ext4", "-q", "-b", "1024", "-m", "0", str(self.image)], ["mount", "-o", "loop", str(self.image), str(folder)]):
            if os.geteuid() != 0 or not shutil.which(command[0]) or subprocess.run(command, capture_output=True).returncode != 0:
                pytest.skip("only root can mount a small file system, and not everywhere")

    def leave(self, kilobytes):
        with open(self.ballast, "wb", buffering=0) as ballast:
            try:
                while ballast.write(b"x" * 1024):
                    pass
            except OSError:
                pass
            ballast.truncate(ballast.tell() - kilobytes * 1024)
            os.fsync(ballast)

    def end(self):
        subprocess.run(["umount", str(self.folder)], check=True)


@pytest.fixture
def broken(shop):
    """`broken(kind, folder)`: a folder below the project's that nobody can write to until `mend`."""
    made = []

    def make(kind, folder):
        made.append(kind(shop.folder / folder))
        return made[-1]

    yield make
    for each in made:
        if isinstance(each, (FullDisk, SmallBlocks)):
            each.end()


@pytest.mark.parametrize("kind", [InTheWay, FullDisk])
def test_a_yes_outlives_results_that_cannot_be_kept(shop, broken, kind):
    trouble = broken(kind, ".sluice/results")
    child, approval = shop.ask_and_wait(COUNT, "--approve", "ask")
    run_id = approval["run_id"]
    shop.run("approvals", "approve", approval["approval_id"]).ok()
    answer = finish(child, "paused")
    assert answer["error"]["code"] == "E0412" and f"sluice runs resume {run_id}" in answer["error"]["hint"] and answer["rows"] == []

    assert shop.json("runs", "list")[0]["status"] == "paused"
    shown = shop.run("runs", "show", run_id)
    assert "error E0412 " in shown.err and "next: " in shown.err and "paused" in shown.err, shown.err
    # Still broken: it pauses again, and asks for nothing.
    check_trouble(shop.run("runs", "resume", run_id), "E0412")
    assert [each["status"] for each in shop.json("approvals", "list", "--all")] == ["approved"]

    trouble.mend()
    answer = shop.resume(run_id)
    assert answer["rows"] == [[shop_data.ORDERS]] and answer["approval"]["approval_id"] == approval["approval_id"]
    check_history(shop, run_id)


def test_a_paused_run_can_be_cancelled(shop, broken):
    broken(InTheWay, ".sluice/results")
    check_trouble(shop.query(COUNT), "E0412")
    run_id = shop.json("runs", "list")[0]["run_id"]
    shop.run("runs", "cancel", run_id).ok()
    shop.resume(run_id, "cancelled")


def test_artifacts_that_cannot_be_kept_pause_the_run(shop, broken):
    trouble = broken(FullDisk, ".sluice/artifacts")
    ran = shop.query(COUNT, "--output", "json")
    assert ran.code == 1
    answer = check_answer(ran.json(), "paused")
    assert answer["error"]["code"] == "E0204" and answer["approval"] is None
    trouble.mend()
    assert shop.resume(answer["run_id"])["rows"] == [[shop_data.ORDERS]]


def test_a_journal_without_room_loses_no_decision_and_makes_none_up(shop, broken):
    disk = broken(FullDisk, "small")
    disk.mend()
    shop.env["SLUICE_HOME"] = str(disk.folder)
    child, approval = shop.ask_and_wait(COUNT)
    disk.fill()
    until(lambda: shop.run("approvals", "reject", approval["approval_id"]).code == 1, "a disk without room")
    assert shop.json("approvals", "list")[0]["status"] == "open"
    disk.mend()
    shop.run("approvals", "approve", approval["approval_id"]).ok()
    assert finish(child, "answered")["rows"] == [[shop_data.ORDERS]]
    check_history(shop, approval["run_id"])


def test_a_disk_that_is_nearly_full_says_so_at_every_size(shop, broken):
    disk = broken(SmallBlocks, "nearly")
    shop.env["SLUICE_HOME"] = str(disk.folder / "home")
    shop.answer(COUNT)
    failed = []
    for left in range(0, 72, 8):
        disk.leave(left)
        for args in (["query", COUNT, "--approve", "policy"], ["runs", "list"], ["runs", "resume", "r-none"], ["approvals", "approve", "a-none"]):
            ran = shop.run(*args)
            if ran.code and not ("none" in args[-1] and "E0204" not in ran.err and "error E010" in ran.err):
                failed.append((left, args[0]))
                check_trouble(ran, "E0204")
    assert {(0, "query"), (0, "runs"), (0, "approvals")} <= set(failed), failed
    # With nothing left the disk is full at once; with room for the log's beginning it fills up in the middle of the work.
    assert {what for left, what in failed if left >= 24} >= {"query", "runs"}, failed
    disk.ballast.unlink()
    shop.answer(COUNT)
    assert "no damage" in shop.run("doctor").ok().out


def test_a_lost_page_of_the_journals_index_says_what_to_do(shop):
    """The same without a disk of its own: the page is gone from under the process that waits."""
    child, approval = shop.ask_and_wait(COUNT)
    os.truncate(shop.folder / ".sluice/journal.db-shm", 0)
    err = child.communicate(timeout=30)[1]
    check_trouble(Ran(child.returncode, "", err[err.index("error "):], []), "E0204")
    shop.run("approvals", "approve", approval["approval_id"]).ok()
    assert shop.resume(approval["run_id"])["rows"] == [[shop_data.ORDERS]]


@pytest.mark.parametrize("damage", ["changed", "cut", "missing"])
def test_a_lost_result_is_no_empty_result(shop, damage):
    run_id = shop.answer(COUNT)["run_id"]
    result, = (shop.folder / ".sluice/results").glob("*.parquet")
    whole = result.read_bytes()
    if damage == "missing":
        result.unlink()
    else:
        result.write_bytes(whole[:-1] if damage == "cut" else whole[:-1] + bytes([whole[-1] ^ 1]))
    ran = shop.run("runs", "resume", run_id, "--output", "json")
    answer = check_answer(ran.json(), "failed")
    assert ran.code == 1 and answer["error"]["code"] == "E0413" and answer["rows"] == []
    check_trouble(ran, "E0413")
    for form in ("table", "csv"):
        ran = shop.run("runs", "resume", run_id, "--output", form)
        assert "error E0413" in ran.err and ran.code == 1 and ran.out == "", (form, ran)
    result.write_bytes(whole)
    assert shop.resume(run_id)["rows"] == [[shop_data.ORDERS]]


def test_rows_that_end_midway_close_no_document(shop):
    """The file is cut off while its rows are printed: what was printed until then must not look like all of it."""
    words = " || ".join(f"md5(a.order_id::VARCHAR || '-{n}-' || b.order_id::VARCHAR)" for n in range(20))  # wide and random: several row groups
    sql = f"SELECT a.order_id, {words} AS words FROM orders a JOIN orders b ON b.order_id < a.order_id WHERE b.order_id <= 40"
    run_id = shop.answer(sql)["run_id"]
    result, = (shop.folder / ".sluice/results").glob("*.parquet")
    reader, writer = os.pipe()  # a pipe that is full stops the program in the middle
    child = shop.start("runs", "show", run_id, "--output", "json", stdout=writer)
    os.close(writer)
    begun = os.read(reader, 4096)
    time.sleep(1)
    os.truncate(result, 1000)
    with os.fdopen(reader, "rb") as rest:
        out = begun + rest.read()
    err = child.communicate(timeout=30)[1]
    with pytest.raises(json.JSONDecodeError):
        json.loads(out)
    assert child.returncode == 1 and "error" in err


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_what_is_kept_is_the_owners_alone(sluice, tmp_path, shop_duckdb, umask):
    """Whatever the shell says: rows and questions may be confidential."""
    shop = Project(sluice, tmp_path, policy=False)
    for args in (["init", "shop", "--duckdb", shop_duckdb], ["query", COUNT, "--approve", "policy"], ["catalog", "show"]):
        child = shop.start(*args, preexec_fn=lambda: os.umask(umask))
        assert child.wait(timeout=60) == 0, child.communicate()
        if args[0] == "init":
            (shop.folder / "sluice.yaml").open("a").write(POLICY)
    child = shop.start("query", COUNT, preexec_fn=lambda: os.umask(umask))  # waits, with all its files open
    until(lambda: shop.json("approvals", "list"), "the approval")
    home = shop.folder / ".sluice"
    modes = {str(path.relative_to(shop.folder)): stat.S_IMODE(path.stat().st_mode) for path in [home, *home.rglob("*")]}
    child.terminate()
    child.communicate(timeout=30)
    wrong = {path: oct(mode) for path, mode in modes.items() if mode != (0o700 if (shop.folder / path).is_dir() else 0o600)}
    assert wrong == {}
    for kind in ("journal.db", "journal.db-wal", "nodes", "artifacts", ".parquet", "catalogs"):
        assert any(kind in path for path in modes), (kind, modes)
