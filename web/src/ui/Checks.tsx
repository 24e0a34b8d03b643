import type { Check } from "../api/types";
import { Status, Text } from "./base";

const ORDER = { failed: 0, warning: 1, skipped: 3, passed: 2 };

/** What machines found out, failed and warning first. */
export function Checks({ checks }: { checks: Check[] }) {
  const sorted = [...checks].sort((one, other) => ORDER[one.outcome] - ORDER[other.outcome]);
  return (
    <ul className="checks">
      {sorted.map((check) => (
        <li key={check.check}>
          <Status of={check.outcome} />
          <span>
            <strong>{check.check}</strong> <Text>{check.detail}</Text>
            {check.hint !== "" && <span className="dim"> next: <Text>{check.hint}</Text></span>}
          </span>
        </li>
      ))}
    </ul>
  );
}
