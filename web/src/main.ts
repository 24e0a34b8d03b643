import "./design/tokens.css";
import "./design/base.css";

/** After the next paint; in a tab that nobody looks at there is none. */
const painted = (): Promise<void> =>
  new Promise((done) => {
    if (document.visibilityState === "hidden") setTimeout(done);
    else requestAnimationFrame(() => setTimeout(done));
  });

// The files come all at once (index.html names them), but are begun one by one: first the frame is painted, and no single one keeps a phone from answering
// to a finger for long.
async function begin(): Promise<void> {
  await painted();
  await import("./parts/react");
  await painted();
  await import("./parts/tanstack");
  await painted();
  const app = await import("./app");
  await painted();
  await app.load();
  await painted();
  app.show();
}
void begin();
