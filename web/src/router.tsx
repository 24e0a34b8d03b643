import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { Frame } from "./frame/Frame";
import { Empty, ErrorPanel, Skeleton } from "./ui/base";
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
  component: lazyRouteComponent(() => import("./pages/runs/RunPage"), "RunPage"),
  validateSearch: texts("step"),
});
const approvals = createRoute({ getParentRoute: () => root, path: "/approvals", component: lazyRouteComponent(() => import("./pages/approvals/ApprovalsPage"), "ApprovalsPage") });
const approval = createRoute({ getParentRoute: () => root, path: "/approvals/$id", component: lazyRouteComponent(() => import("./pages/approvals/ApprovalsPage"), "ApprovalsPage") });
export const askRoute = createRoute({
  getParentRoute: () => root,
  path: "/ask",
  component: lazyRouteComponent(() => import("./pages/ask/AskPage"), "AskPage"),
  validateSearch: texts("thread"),
});
const asked = createRoute({ getParentRoute: () => root, path: "/ask/$id", component: lazyRouteComponent(() => import("./pages/ask/AskPage"), "AskPage") });
export const catalogRoute = createRoute({
  getParentRoute: () => root,
  path: "/catalog",
  component: lazyRouteComponent(() => import("./pages/catalog/CatalogPage"), "CatalogPage"),
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
