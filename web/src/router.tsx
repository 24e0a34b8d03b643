import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { Frame } from "./frame/Frame";
import { Empty, ErrorPanel, Skeleton } from "./ui/base";
// The pages that people come to by a link are in the first file: each is a few kilobytes, and one that is fetched after it costs a way to the server and
// back before anything of it can be asked for. What is large (charts, the graph of steps, diagrams) comes when it is needed.
import { ApprovalsPage } from "./pages/approvals/ApprovalsPage";
import { AskPage } from "./pages/ask/AskPage";
import { CatalogPage } from "./pages/catalog/CatalogPage";
import { RunPage } from "./pages/runs/RunPage";
import { RunsPage } from "./pages/runs/RunsPage";

/** Search parameters are texts; one that is empty, or that the page does not know, is not there. */
const texts =
  <Name extends string>(...names: Name[]) =>
  (search: Record<string, unknown>): { [name in Name]?: string | undefined } => {
    const known: { [name in Name]?: string | undefined } = {};
    for (const name of names) {
      const value = search[name];
      if (typeof value === "string" && value !== "") known[name] = value;
    }
    return known;
  };
const parseSearch = (search: string): Record<string, string> => Object.fromEntries(new URLSearchParams(search));
const stringifySearch = (search: Record<string, unknown>): string => {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) if (typeof value === "string" && value !== "") params.set(name, value);
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
};

const root = createRootRoute({
  component: Frame,
  notFoundComponent: () => <Empty title="There is no such page">Ctrl K reaches every page, run and approval.</Empty>,
  errorComponent: ({ error, reset }) => <ErrorPanel error={error} retry={reset} />,
});
const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/runs" });
  },
});
export const runsRoute = createRoute({
  getParentRoute: () => root,
  path: "/runs",
  component: RunsPage,
  validateSearch: texts("status", "connection", "text", "before"),
});
export const runRoute = createRoute({
  getParentRoute: () => root,
  path: "/runs/$id",
  component: RunPage,
  validateSearch: texts("step"),
});
const approvals = createRoute({ getParentRoute: () => root, path: "/approvals", component: ApprovalsPage });
const approval = createRoute({ getParentRoute: () => root, path: "/approvals/$id", component: ApprovalsPage });
export const askRoute = createRoute({
  getParentRoute: () => root,
  path: "/ask",
  component: AskPage,
  validateSearch: texts("thread"),
});
const asked = createRoute({ getParentRoute: () => root, path: "/ask/$id", component: AskPage });
export const catalogRoute = createRoute({
  getParentRoute: () => root,
  path: "/catalog",
  component: CatalogPage,
  validateSearch: texts("connection", "table", "text"),
});
export const costsRoute = createRoute({
  getParentRoute: () => root,
  path: "/costs",
  component: lazyRouteComponent(() => import("./pages/costs/CostsPage"), "CostsPage"),
  validateSearch: texts("since"),
});
const health = createRoute({ getParentRoute: () => root, path: "/health", component: lazyRouteComponent(() => import("./pages/health/HealthPage"), "HealthPage") });

export const makeRouter = () =>
  createRouter({
    routeTree: root.addChildren([home, runsRoute, runRoute, approvals, approval, askRoute, asked, catalogRoute, costsRoute, health]),
    defaultPreload: "intent",
    defaultPendingComponent: () => <Skeleton lines={8} />,
    scrollRestoration: true,
    parseSearch,
    stringifySearch,
  });

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
