/** The console's server. It has the API key; this page has the token of the server's start. */

const TOKEN_KEY = "console-token";
const TOKEN_HEADER = "X-Console-Token";

/** The server, or the API behind it, refused. The text is for people. */
export class RequestFailed extends Error {
  readonly status: number;
  readonly code: string | undefined;
  readonly field: string | undefined;

  constructor(status: number, problem: { detail?: unknown; code?: unknown; field?: unknown }) {
    super(typeof problem.detail === "string" ? problem.detail : `The answer was ${status}.`);
    this.status = status;
    this.code = typeof problem.code === "string" ? problem.code : undefined;
    this.field = typeof problem.field === "string" ? problem.field : undefined;
  }
}

/**
 * Takes the token out of the address, where the terminal's link has it, and keeps it for this
 * origin. It never goes to a server but in a header. False if the address has none.
 */
export function keepToken(): boolean {
  const match = /^#token=([\w-]+)(?:\/?#)?(\/.*)?$/.exec(location.hash);
  if (!match?.[1]) {
    return false;
  }
  localStorage.setItem(TOKEN_KEY, match[1]);
  history.replaceState(null, "", `#${match[2] ?? "/"}`);
  return true;
}

/** A request to the console's server. Rejects with RequestFailed, or TypeError without an answer. */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set(TOKEN_HEADER, localStorage.getItem(TOKEN_KEY) ?? "");
  const response = await fetch(`/api/${path}`, { ...init, headers });
  if (!response.ok) {
    const problem: unknown = await response.json().catch(() => ({}));
    throw new RequestFailed(response.status, (problem ?? {}) as { detail?: unknown });
  }
  return response;
}

/** The JSON that the server answers. */
export async function askJson<Answer>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const init: RequestInit = { method, headers };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { "Content-Type": "application/json", ...headers };
  }
  return (await (await ask(path, init)).json()) as Answer;
}

/** A route of the API, asked with a client's key. */
export function askApi<Answer>(
  client: string,
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
): Promise<Answer> {
  return askJson(method, `clients/${encodeURIComponent(client)}/v1/${path}`, body, headers);
}

/** What happened, in words for people. */
export function wordsOf(error: unknown): string {
  if (error instanceof RequestFailed) {
    return error.field ? `${error.message} (${error.field})` : error.message;
  }
  if (error instanceof TypeError) {
    return "The console's server does not answer. Is `make local` or `liveproof console` running?";
  }
  return error instanceof Error ? error.message : String(error);
}
