// Nothing here uses Intl: a browser reads its tables of languages when the first formatter is made, which keeps a phone from answering for a tenth of a
// second, for what is English anyway.
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A number's digits, as `toFixed` and its like write them, with a comma between thousands. */
const separated = (digits: string): string => digits.replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));

export const count = (n: number): string => separated(n.toFixed(0));
/** With at most four digits behind the point. */
export const number = (n: number): string => separated(String(Math.abs(n) < 1e21 ? Number(n.toFixed(4)) : n));
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
  return `${unit === 0 ? count(value) : value.toFixed(value < 100 ? 1 : 0)} ${units[unit] ?? ""}`;
}

/** Cents at least, and as many more digits as a small amount needs. */
export function money(usd: number): string {
  if (usd === 0) return "$0.00";
  const digits = Math.abs(usd) >= 0.1 ? 2 : Math.min(10, 2 - Math.floor(Math.log10(Math.abs(usd))));
  const [whole = "", part = ""] = usd.toFixed(digits).split(".");
  return `$${separated(whole)}.${part.replace(/0+$/, "").padEnd(2, "0")}`;
}

/** In two units at most. Rounded first, so that none is full: 3,599,800 ms are "1 h 0 min". */
export function duration(ms: number): string {
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`;
  if (Math.round(ms / 100) < 100) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.round(ms / 3_600_000);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
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

/** The exact time, in the reader's zone and as it was given. */
export function exact(iso: string): string {
  const at = new Date(iso);
  const [hour, minute, second] = [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, "0"));
  return `${at.getDate()} ${MONTHS[at.getMonth()] ?? ""} ${at.getFullYear()}, ${hour}:${minute}:${second} · ${iso}`;
}

/** 100 % is all and nothing less. */
export const percent = (share: number): string => `${share < 1 ? Math.min(99, Math.round(share * 100)) : 100} %`;
