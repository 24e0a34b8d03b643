import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, post } from "../api/client";
import type { LoginWays } from "../api/types";
import { Button, ErrorPanel } from "../ui/base";

/** For a browser that nobody has logged in with. */
export function Login() {
  const ways = useQuery({ queryKey: ["login"], queryFn: ({ signal }) => get<LoginWays>("/login", {}, signal) });
  const provider = ways.data?.login === "oidc" ? ways.data.provider : undefined;
  const back = location.pathname + location.search + location.hash;
  return (
    <main className="login">
      <div className="panel">
        <h1>Sluice</h1>
        {provider !== undefined && <a className="button primary" href={`/login/start?return_to=${encodeURIComponent(back)}`}>Sign in with {provider}</a>}
        {provider !== undefined && <details><summary>With a token</summary><TokenForm /></details>}
        {!ways.isPending && provider === undefined && <TokenForm />}
      </div>
    </main>
  );
}

/** The token goes to the server once, and stays in no place that a script can read. */
function TokenForm() {
  const queries = useQueryClient();
  const [token, setToken] = useState("");
  const enter = useMutation({
    mutationFn: () => post<{ person: string }>("/login", { token: token.trim() }),
    onSuccess: () => {
      setToken("");
      location.reload(); // the live line opens anew, with the session
    },
    onError: () => void queries.invalidateQueries({ queryKey: ["session"] }),
  });
  return (
    <form onSubmit={(event) => { event.preventDefault(); if (token.trim() !== "") enter.mutate(); }}>
      <label className="label">
        Token
        <input className="field" type="password" autoComplete="off" autoFocus value={token} onChange={(event) => setToken(event.target.value)} />
      </label>
      <p className="dim">As <code>sluice tokens create</code> printed it.</p>
      <Button type="submit" tone="primary" disabled={token.trim() === "" || enter.isPending}>{enter.isPending ? "Logging in…" : "Log in"}</Button>
      {enter.isError && <ErrorPanel error={enter.error} />}
    </form>
  );
}
