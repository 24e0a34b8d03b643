"""What a person says to a proposal, time and again: the last good one is never lost."""

import shop as shop_data
from project import Project, finish, until

TRIES = 12


def test_refinements_that_lead_nowhere_leave_the_last_good_proposal(sluice, tmp_path, shop_duckdb):
    shop = Project(sluice, tmp_path, ("shop", "--duckdb", shop_duckdb), policy=False)
    child = shop.start("ask", "how many orders per status?", "--output", "json")

    def waiting(before=""):
        def asked():
            return [each for each in shop.json("approvals", "list") if each["approval_id"] != before]
        return until(asked, "an approval")[0]["approval_id"]

    approval = waiting()
    shop.run("approvals", "refine", approval, "sort by status").ok()
    approval = waiting(approval)
    for _ in range(TRIES):
        shop.run("approvals", "refine", approval, "only the fluffy ones").ok()
        approval = waiting(approval)
    shown = shop.run("approvals", "show", approval).ok().out
    assert '"fluffy"' in shown and "back to the former proposal" in shown and "ORDER BY status" in shown
    # What would help is said too.
    assert "sluice catalog show" in shown
    # Who reads JSON sees too that what waits is not what was asked for.
    run = shop.json("approvals", "list")[0]["run_id"]
    assert '"fluffy"' in shop.json("runs", "show", run)["notice"]
    # An edit that does not pass leaves it too, and whoever looks at the run sees the proposal that waits, not the edit.
    waits = shop.json("runs", "show", run)["sql"]
    shop.run("approvals", "refine", approval, "--sql", "DELETE FROM orders").ok()
    approval = waiting(approval)
    again = shop.json("runs", "show", run)
    assert "ORDER BY status" in waits and again["sql"] == waits and "DELETE" in again["notice"]
    shop.run("approvals", "approve", approval).ok()
    answer = finish(child, "answered")
    statuses = sorted(shop_data.STATUSES)
    assert [row[0] for row in answer["rows"]] == statuses
