import type { Step } from "../../data/steps";
import { duration } from "../../data/format";
import { Text, useNow } from "../../ui/base";

/** Every step as a bar in time. A wait of days would leave the rest too thin to see, so that waits are drawn at most as long as all the work. */
export function Waterfall({ steps, selected, select }: { steps: Step[]; selected: string | undefined; select: (path: string) => void }) {
  const now = useNow(1000);
  const work = steps.filter((step) => step.kind !== "approval" && step.kind !== "timer").reduce((sum, step) => sum + ((step.ended ?? now) - step.begun), 0);
  const longest = Math.max(work, 50);
  let position = 0;
  let clock = steps[0]?.begun ?? 0;
  const bars = steps.map((step) => {
    const real = Math.max(0, (step.ended ?? now) - step.begun);
    const gap = Math.max(0, step.begun - clock);
    const overlap = Math.max(0, clock - step.begun);
    const begin = Math.max(0, position + Math.min(gap, longest / 10) - overlap);
    const length = Math.min(real, longest);
    position = Math.max(position, begin + length);
    clock = Math.max(clock, step.ended ?? now);
    return { step, begin, length, real, cut: real > length };
  });
  const total = Math.max(position, 1);
  return (
    <div className="waterfall">
      {bars.map(({ step, begin, length, real, cut }) => (
        <button key={step.path} type="button" className="bar-row" aria-pressed={step.path === selected} onClick={() => select(step.path)}>
          <span className="name" title={step.path}>
            <Text>{step.path}</Text>
          </span>
          <span className="bar-track">
            <span className={`bar ${step.state}`} style={{ left: `${(begin / total) * 100}%`, width: `${(length / total) * 100}%` }} title={cut ? "longer than drawn" : undefined} />
          </span>
          <span className="number dim">{step.ended === null ? `${duration(real)} …` : duration(real)}</span>
        </button>
      ))}
    </div>
  );
}
