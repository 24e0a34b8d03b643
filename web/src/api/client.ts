import type { Problem } from "./types";

/** What the server refused, with its code, its page and what to do next. */
export class ApiError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** Nothing came back: the server is away, or the network is. */
export class Unreachable extends Error {}

let csrf = "";
export const setCsrfToken = (token: string): void => {
  csrf = token;
};

async function problemOf(response: Response): Promise<Problem> {
  const type = response.headers.get("content-type") ?? "";
  if (type.includes("problem+json")) return (await response.json()) as Problem;
  return { type: "about:blank", title: "error", status: response.status, detail: `the server answered ${response.status}`, code: "" };
}

async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, credentials: "same-origin" });
  } catch (failure) {
    if (failure instanceof DOMException && failure.name === "AbortError") throw failure;
    throw new Unreachable("the server cannot be reached");
  }
  if (!response.ok) throw new ApiError(await problemOf(response));
  return response;
}

type Query = Record<string, string | number | boolean | undefined>;

export function address(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== "") params.set(name, String(value));
  const text = params.toString();
  return `/api/v1${path}${text === "" ? "" : `?${text}`}`;
}

export async function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  const response = await send(address(path, query), { headers: { Accept: "application/json" }, signal: signal ?? null });
  return (await response.json()) as T;
}

/** `key` names the request: sent again under it, it starts nothing a second time. */
export async function post<T>(path: string, body: unknown, key?: string): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json", "Content-Type": "application/json" };
  if (csrf !== "") headers["X-CSRF-Token"] = csrf;
  if (key !== undefined) headers["Idempotency-Key"] = key;
  const response = await send(address(path), { method: "POST", headers, body: JSON.stringify(body) });
  return (await response.json()) as T;
}

export const newKey = (): string => crypto.getRandomValues(new Uint32Array(4)).join("-");
