import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import type { SqlLines } from "../api/types";
import { diffOf, type DiffLine, type Line } from "./diff";

const LINE_PX = 20;
const SHOWN_MAX = 24;

/** What the server wrote in place of a hidden character. */
const ESCAPE = /(\\[ux]\{[0-9A-F]+\})/;

function Tokens({ line }: { line: Line }) {
  return (
    <>
      {line.map(([kind, text], index) => (
        <bdi key={index} className={`sql-${kind}`}>
          {text.split(ESCAPE).map((part, n) => (ESCAPE.test(part) ? <mark key={n} className="hidden-char">{part}</mark> : part))}
        </bdi>
      ))}
    </>
  );
}

/** SQL in lines with numbers; where `before` is given, with what changed since. Of long texts only what is looked at is drawn. */
export function SqlView({ lines, before }: { lines: SqlLines; before?: SqlLines | null | undefined }) {
  const shown = useMemo<DiffLine[]>(() => (before == null ? lines.map((line) => ({ mark: "same", line })) : diffOf(before, lines)), [lines, before]);
  const scroll = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count: shown.length, getScrollElement: () => scroll.current, estimateSize: () => LINE_PX, overscan: 20 });
  let number = 0;
  const numbers = shown.map((line) => (line.mark === "removed" ? "−" : String((number += 1))));
  return (
    <div ref={scroll} className="sql" style={{ height: Math.min(shown.length, SHOWN_MAX) * LINE_PX + 18 }} tabIndex={0} role="region" aria-label={`SQL, ${number} lines`}>
      <div className="sql-body" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const line = shown[item.index];
          if (line === undefined) return null;
          return (
            <div key={item.index} className={`sql-line ${line.mark}`} style={{ transform: `translateY(${item.start}px)` }}>
              <span className="sql-no" aria-hidden="true">{numbers[item.index]}</span>
              <span className="sql-text">
                {line.mark !== "same" && <span className="sr">{line.mark}: </span>}
                <Tokens line={line.line} />
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
