// Made once: making one takes longer than a row of a table does.
const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

export const count = (n: number): string => whole.format(n);
export const counted = (n: number, noun: string): string => `${count(n)} ${noun}${n === 1 ? "" : "s"}`;

/** 12345678 → "12.3 MB", in powers of ten as the terminal says it. */
export function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? whole.format(value) : value.toFixed(value < 100 ? 1 : 0)} ${units[unit] ?? ""}`;
}

/** Cents at least, and as many more digits as a small amount needs. */
export function money(usd: number): string {
  if (usd === 0) return "$0.00";
  const digits = Math.abs(usd) >= 0.1 ? 2 : Math.min(10, 2 - Math.floor(Math.log10(Math.abs(usd))));
  return `$${usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: digits })}`;
}

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
  if (ms < 86_400_000) return `${Math.floor(ms / 3_600_000)} h ${Math.round((ms % 3_600_000) / 60_000)} min`;
  return `${Math.floor(ms / 86_400_000)} d ${Math.round((ms % 86_400_000) / 3_600_000)} h`;
}

/** "just now", "3 min ago", "in 2 h". */
export function relative(then: number, now: number): string {
  const ms = now - then;
  const far = Math.abs(ms);
  if (far < 5_000) return "just now";
  const text =
    far < 60_000 ? `${Math.round(far / 1000)} s` : far < 3_600_000 ? `${Math.round(far / 60_000)} min` : far < 86_400_000 ? `${Math.round(far / 3_600_000)} h` : `${Math.round(far / 86_400_000)} d`;
  return ms > 0 ? `${text} ago` : `in ${text}`;
}

/** The exact time, in the reader's zone and with it. */
export const exact = (iso: string): string => moment.format(new Date(iso)) + " · " + iso;

export const percent = (share: number): string => `${Math.round(share * 100)} %`;
