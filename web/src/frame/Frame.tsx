import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { ApiError, post } from "../api/client";
import { useLink } from "../api/live";
import { openApprovalsQuery, sessionQuery } from "../api/queries";
import { Button, ErrorPanel, Icon, Key, Text, type IconName } from "../ui/base";
import { isTyping } from "../ui/keys";
import { Dialog } from "../ui/Dialog";
import { Login } from "./Login";
import { Palette } from "./Palette";

const PLACES: { to: string; name: string; icon: IconName; key: string }[] = [
  { to: "/runs", name: "Runs", icon: "list", key: "r" },
  { to: "/approvals", name: "Approvals", icon: "inbox", key: "a" },
  { to: "/ask", name: "Ask", icon: "chat", key: "q" },
  { to: "/catalog", name: "Catalog", icon: "table", key: "c" },
  { to: "/costs", name: "Costs", icon: "coin", key: "m" },
  { to: "/health", name: "Health", icon: "pulse", key: "h" },
];

function useTheme(): [string, () => void] {
  const [theme, setTheme] = useState(() => document.documentElement.dataset["theme"] ?? "system");
  const next = () => {
    const dark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
    const chosen = dark ? "light" : "dark";
    document.documentElement.dataset["theme"] = chosen;
    try {
      localStorage.setItem("theme", chosen);
    } catch {
      // Storage may be off: then the choice lasts as long as the page.
    }
    setTheme(chosen);
  };
  return [theme, next];
}

function Help({ close }: { close: () => void }) {
  return (
    <Dialog title="Keys" close={close}>
      <dl className="facts">
        <dt><Key>Ctrl K</Key></dt><dd>go anywhere</dd>
        {PLACES.map((place) => (
          <div key={place.to} style={{ display: "contents" }}>
            <dt><Key>g</Key> <Key>{place.key}</Key></dt><dd>{place.name}</dd>
          </div>
        ))}
        <dt><Key>j</Key> <Key>k</Key></dt><dd>next and previous, in approvals</dd>
        <dt><Key>a</Key> <Key>f</Key> <Key>r</Key></dt><dd>approve, refine, reject</dd>
        <dt><Key>?</Key></dt><dd>this</dd>
      </dl>
    </Dialog>
  );
}

function LogOut() {
  return <Button small onClick={() => void post("/logout", {}).finally(() => location.reload())}>Log out</Button>;
}

export function Frame() {
  const session = useQuery(sessionQuery);
  const open = useQuery(openApprovalsQuery());
  const link = useLink();
  const navigate = useNavigate();
  const [theme, switchTheme] = useTheme();
  const [shown, setShown] = useState<"" | "palette" | "help">("");
  useEffect(() => {
    let going = false;
    const pressed = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "k") {
        event.preventDefault();
        setShown("palette");
        return;
      }
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "?") setShown("help");
      if (going) {
        const place = PLACES.find((known) => known.key === event.key);
        if (place !== undefined) {
          // The letter means a place now, and nothing else.
          event.preventDefault();
          event.stopImmediatePropagation();
          void navigate({ to: place.to });
        }
      }
      going = event.key === "g";
    };
    addEventListener("keydown", pressed, { capture: true });
    return () => removeEventListener("keydown", pressed, { capture: true });
  }, [navigate]);
  const waiting = open.data?.open ?? 0;
  if (session.error instanceof ApiError && session.error.problem.status === 401) return <Login />;
  return (
    <div className="frame">
      <a className="skip" href="#content">Skip to the content</a>
      <nav className="rail" aria-label="Places">
        <Link to="/runs" className="brand">Sluice</Link>
        {PLACES.map((place) => (
          <Link key={place.to} to={place.to} className="item" activeProps={{ className: "active", "aria-current": "page" }}>
            <Icon name={place.icon} />
            {place.name}
            {place.to === "/approvals" && waiting > 0 && (
              <span className="count">
                {waiting}
                <span className="sr"> waiting</span>
              </span>
            )}
          </Link>
        ))}
        <div className="foot dim">
          {session.data !== undefined && <Text>{session.data.person}</Text>}
          {session.data !== undefined && session.data.login !== "off" && <LogOut />}
        </div>
      </nav>
      <div className="main">
        <header className="top">
          <span className="where grow">
            {session.data !== undefined && (
              <>
                <strong><Text>{session.data.default_connection === "" ? "several connections" : session.data.default_connection}</Text></strong>
                {session.data.environment !== "" && <span className="dim"> · <Text>{session.data.environment}</Text></span>}
              </>
            )}
          </span>
          {session.data !== undefined && session.data.login !== "off" && <span className="phone-only"><LogOut /></span>}
          <Button onClick={() => setShown("palette")}><Icon name="search" /><span className="sr">Go anywhere</span> <Key>Ctrl K</Key></Button>
          <Button className="icon-only" onClick={switchTheme} aria-label="Switch between light and dark"><Icon name={theme === "dark" ? "sun" : "moon"} /></Button>
        </header>
        {link === "lost" && (
          <div className="stale" role="status">The connection to the server is lost. What is shown may be old; it comes back by itself.</div>
        )}
        <main id="content" className="content" tabIndex={-1}>
          {session.isError && <ErrorPanel error={session.error} retry={() => void session.refetch()} />}
          <Outlet />
        </main>
      </div>
      {shown === "palette" && <Palette places={PLACES} close={() => setShown("")} />}
      {shown === "help" && <Help close={() => setShown("")} />}
    </div>
  );
}
