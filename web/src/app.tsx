import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { startTransition, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError, setCsrfToken } from "./api/client";
import { startLive } from "./api/live";
import { lookAgainWhoItIs, sessionQuery } from "./api/queries";
import { makeRouter } from "./router";

/** A login that has ended shows in any answer. */
function judge(error: unknown): void {
  if (error instanceof ApiError && (error.problem.status === 401 || error.problem.code === "E1225")) lookAgainWhoItIs(queries);
}

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: (error, query) => { if (query.queryKey[0] !== "session") judge(error); } }),
  mutationCache: new MutationCache({ onError: judge }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A refusal stays one; what could not be reached is tried again.
      retry: (failures, error) => failures < 3 && !(error instanceof ApiError && error.problem.status < 500),
      refetchOnWindowFocus: true,
    },
  },
});
queries.getQueryCache().subscribe((event) => {
  if (event.query.queryKey[0] === "session" && event.query.state.data !== undefined) setCsrfToken((event.query.state.data as { csrf_token: string }).csrf_token);
});
const router = makeRouter();

/** Begins to hear from the server, and finds the page of the address before anything is drawn: it would be drawn empty first, and then all of it at once. */
export async function load(): Promise<void> {
  void queries.prefetchQuery(sessionQuery);
  startLive(queries);
  await router.load();
}

export function show(): void {
  const root = document.getElementById("root");
  if (root === null) return;
  // As a transition it is made in slices, between which the page can be scrolled and pressed.
  startTransition(() =>
    createRoot(root).render(
      <StrictMode>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </StrictMode>,
    ),
  );
}
