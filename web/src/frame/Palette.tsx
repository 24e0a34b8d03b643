import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { openApprovalsQuery, runsQuery } from "../api/queries";
import { Text } from "../ui/base";

interface Goal {
  id: string;
  name: string;
  kind: string;
  to: string;
}

const SHOWN_MAX = 30;

/** Reaches everything by typing a part of its name. */
export function Palette({ places, close }: { places: { to: string; name: string }[]; close: () => void }) {
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const before = useRef<Element | null>(document.activeElement);
  const runs = useQuery(runsQuery({}, ""));
  const approvals = useQuery(openApprovalsQuery());
  useEffect(() => {
    const was = before.current;
    return () => {
      if (was instanceof HTMLElement) was.focus();
    };
  }, []);
  const all: Goal[] = [
    ...places.map((place) => ({ id: place.to, name: place.name, kind: "page", to: place.to })),
    ...(approvals.data?.approvals ?? []).map((one) => ({ id: one.approval_id, name: one.question || one.act, kind: "approval", to: `/approvals/${one.approval_id}` })),
    ...(runs.data?.runs ?? []).map((one) => ({ id: one.run_id, name: one.text, kind: "run", to: `/runs/${one.run_id}` })),
  ];
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter((goal) => words.every((word) => `${goal.name} ${goal.kind} ${goal.id}`.toLowerCase().includes(word))).slice(0, SHOWN_MAX);
  const chosen = Math.min(at, found.length - 1);
  const go = (goal: Goal | undefined) => {
    if (goal === undefined) return;
    close();
    void navigate({ to: goal.to });
  };
  return (
    <div className="palette-back" onClick={close}>
      <div className="palette" role="dialog" aria-modal="true" aria-label="Go anywhere" onClick={(event) => event.stopPropagation()}>
        <input
          autoFocus
          value={typed}
          placeholder="A page, a run, an approval…"
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={chosen >= 0 ? `palette-${chosen}` : undefined}
          aria-label="Where to"
          onChange={(event) => {
            setTyped(event.target.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.key === "Escape") close();
            else if (event.key === "Enter") go(found[chosen]);
            else if (event.key === "ArrowDown") setAt(Math.min(chosen + 1, found.length - 1));
            else if (event.key === "ArrowUp") setAt(Math.max(chosen - 1, 0));
            else if (event.key !== "Tab") return;
            event.preventDefault();
          }}
        />
        <ul id="palette-list" role="listbox" aria-label="Places">
          {found.map((goal, index) => (
            <li key={goal.kind + goal.id} id={`palette-${index}`} role="option" aria-selected={index === chosen} onMouseMove={() => setAt(index)} onClick={() => go(goal)}>
              <Text>{goal.name}</Text>
              <span className="dim">{goal.kind}</span>
            </li>
          ))}
          {found.length === 0 && <li className="dim" role="option" aria-selected="false">nothing is called so</li>}
        </ul>
      </div>
    </div>
  );
}
