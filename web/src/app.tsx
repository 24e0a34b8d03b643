import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { startTransition, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError, setCsrfToken } from "./api/client";
import { startLive } from "./api/live";
import { sessionQuery } from "./api/queries";
import { makeRouter } from "./router";

const queries = new QueryClient({
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
void queries.prefetchQuery(sessionQuery);
startLive(queries);

const root = document.getElementById("root");
// As a transition it is made in slices, between which the page can be scrolled and pressed.
if (root !== null)
  startTransition(() =>
    createRoot(root).render(
      <StrictMode>
        <QueryClientProvider client={queries}>
          <RouterProvider router={makeRouter()} />
        </QueryClientProvider>
      </StrictMode>,
    ),
  );
