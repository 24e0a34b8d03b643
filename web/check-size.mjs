// The first view: what index.html names, and what that imports at once. Fails above the budget.
import { gzipSync } from "node:zlib";
import { readFileSync } from "node:fs";

const BUDGET = 200_000;
const dist = new URL("./dist/", import.meta.url);
const read = (path) => readFileSync(new URL(path.replace(/^\//, ""), dist));
const html = read("/index.html").toString();
const wanted = ["/index.html", ...[...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((m) => m[1])];
const seen = new Set();
let total = 0;
while (wanted.length > 0) {
  const path = wanted.pop();
  if (seen.has(path)) continue;
  seen.add(path);
  const bytes = read(path);
  total += gzipSync(bytes, { level: 9 }).length;
  if (path.endsWith(".js"))
    for (const m of bytes.toString().matchAll(/(?:^|[;}\s])import\s*(?:[^"'();]*?from\s*)?["'](\.[^"']+)["']/g)) wanted.push(new URL(m[1], new URL(path, "http://x")).pathname);
}
console.log(`first view: ${seen.size} files, ${(total / 1000).toFixed(1)} kB gzipped of ${BUDGET / 1000} kB`);
if (total > BUDGET) process.exit(1);
