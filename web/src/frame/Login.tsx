import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { post } from "../api/client";
import { Button, ErrorPanel } from "../ui/base";

/** For a browser that nobody has logged in with. The token goes to the server once, and stays in no place that a script can read. */
export function Login() {
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
    <main className="login">
      <form className="panel" onSubmit={(event) => { event.preventDefault(); if (token.trim() !== "") enter.mutate(); }}>
        <h1>Sluice</h1>
        <label className="label">
          Token
          <input className="field" type="password" autoComplete="off" autoFocus value={token} onChange={(event) => setToken(event.target.value)} />
        </label>
        <p className="dim">As <code>sluice tokens create</code> printed it.</p>
        <Button type="submit" tone="primary" disabled={token.trim() === "" || enter.isPending}>{enter.isPending ? "Logging in…" : "Log in"}</Button>
        {enter.isError && <ErrorPanel error={enter.error} />}
      </form>
    </main>
  );
}
