/** The API's client for a server, which has the API key. */

import { ApiError, ConnectionError, AbortedError } from "./errors.js";
import type {
  Created,
  CreateReflectSequence,
  CreateVerification,
  EvidenceFiles,
  ListQuery,
  Problem,
  ReflectSequence,
  ResendDeliveries,
  Resent,
  Verification,
  VerificationList,
  WebhookHealth,
  WebhookKeys,
  WebhookTestResult,
} from "./types.js";
import { type Clock, backoff, LONGEST_TIMER, systemClock } from "./waiting.js";

/** Options of the client. Times are in milliseconds. */
export interface LiveproofOptions {
  /** The API's address, such as the stack's output `HttpApiUrl`. */
  url: string;
  /** The client's API key. It stays on the server. */
  apiKey: string;
  /** How long one attempt may take. The default is 30 seconds, which light sequences need. */
  attemptTimeout?: number;
  /** How long an operation may take with all its attempts and pauses. The default is 60 seconds. */
  totalTimeout?: number;
  /** Another `fetch`, such as one with a proxy. */
  fetch?: typeof fetch;
}

/** Options of one request. */
export interface RequestOptions {
  /** Aborts the request and all further attempts. */
  signal?: AbortSignal;
}

/** Options of a create. */
export interface CreateOptions extends RequestOptions {
  /**
   * The same key with the same body leads to the same verification for a day. Without one, each
   * call of `create` makes a key for its own attempts.
   */
  idempotencyKey?: string;
}

/** What may be repeated: everything, or only what the API certainly did not carry out. */
type Repeat = "always" | "if_not_done";

interface Request {
  method: "GET" | "POST" | "DELETE";
  path: string;
  query?: Record<string, string | number | boolean | null | undefined>;
  body?: unknown;
  headers?: Record<string, string>;
  /** Default: GET and DELETE always, POST only if it was not carried out. */
  repeat?: Repeat;
}

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 8_000;
const POLL_PAUSE = 2_000;
/** More than any answer of the API has. */
const MOST_OF_ANSWER = 8 * 1024 * 1024;
/** Problems that pass by waiting. Others with the same statuses need a person or another day. */
const PASSING = new Set(["too_soon", "vendor_busy"]);

/**
 * A client of one deployment. Safe to share; it keeps nothing but its options.
 *
 * Every method rejects with ApiError (an answer that is no success), ConnectionError (no answer) or
 * AbortedError. Before that, a failed attempt is repeated as long as `totalTimeout` allows, if
 * repeating is safe: `Retry-After` is honoured, other pauses grow and are drawn at random.
 */
export class Liveproof {
  readonly #url: string;
  readonly #apiKey: string;
  readonly #attemptTimeout: number;
  readonly #totalTimeout: number;
  readonly #fetch: typeof fetch;
  readonly #clock: Clock;

  /** @throws TypeError for an address that is no http URL, or a key with other than ASCII signs. */
  constructor(options: LiveproofOptions, clock: Clock = systemClock) {
    const { protocol, username, password, search, hash } = new URL(options.url);
    if (!/^https?:$/.test(protocol)) {
      throw new TypeError("url must begin with https:// or http://");
    }
    // `fetch` refuses a user with a text that has the password, and paths go to the end.
    if (username || password || search || hash) {
      throw new TypeError("url must have no user, no query and no fragment");
    }
    if (!/^[\x21-\x7e]+$/.test(options.apiKey)) {
      throw new TypeError("apiKey must be ASCII signs without spaces");
    }
    this.#url = options.url.replace(/\/+$/, "");
    this.#apiKey = options.apiKey;
    this.#attemptTimeout = options.attemptTimeout ?? 30_000;
    this.#totalTimeout = options.totalTimeout ?? 60_000;
    this.#fetch = options.fetch ?? fetch;
    this.#clock = clock;
  }

  /**
   * Asks for a verification. `uploads` of the answer go to the app.
   *
   * @throws TypeError for an `idempotencyKey` that no header can have.
   */
  async create(body: CreateVerification, options: CreateOptions = {}): Promise<Created> {
    const key = options.idempotencyKey ?? crypto.randomUUID();
    if (!/^[!-~]([ -~]*[!-~])?$/.test(key)) {
      throw new TypeError("idempotencyKey must be printable ASCII without spaces at its ends");
    }
    const headers = { "Idempotency-Key": key };
    return this.#send(
      { method: "POST", path: "/v1/verifications", body, headers, repeat: "always" },
      options,
    );
  }

  /** One verification. */
  get(id: string, options?: RequestOptions): Promise<Verification> {
    return this.#send({ method: "GET", path: one(id) }, options);
  }

  /** A page of the verifications, newest first. */
  list(query: ListQuery = {}, options?: RequestOptions): Promise<VerificationList> {
    return this.#send({ method: "GET", path: "/v1/verifications", query }, options);
  }

  /** All verifications that fit, newest first, page by page. */
  async *listAll(
    query: ListQuery = {},
    options?: RequestOptions,
  ): AsyncGenerator<Verification, void, undefined> {
    let cursor = query.cursor;
    do {
      const page: VerificationList = await this.list(
        cursor === undefined ? query : { ...query, cursor },
        options,
      );
      yield* page.verifications;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /** Fresh upload URLs for the inputs that have not arrived. An input has ten in all. */
  renewUploads(id: string, options?: RequestOptions): Promise<Created> {
    return this.#send({ method: "POST", path: `${one(id)}/uploads`, repeat: "always" }, options);
  }

  /** Erases a verification: its personal fields now, its files soon. May be repeated. */
  erase(id: string, options?: RequestOptions): Promise<Verification> {
    return this.#send({ method: "DELETE", path: one(id) }, options);
  }

  /** The signed manifest and the best frames. */
  evidence(id: string, options?: RequestOptions): Promise<EvidenceFiles> {
    return this.#send({ method: "GET", path: `${one(id)}/evidence` }, options);
  }

  /** Sends the decision's webhook again. */
  resend(id: string, options?: RequestOptions): Promise<Verification> {
    return this.#send({ method: "POST", path: `${one(id)}/deliveries` }, options);
  }

  /** Sends the webhooks of a period again. A dry run unless `dry_run` is false. */
  resendRange(body: ResendDeliveries, options?: RequestOptions): Promise<Resent> {
    const repeat = body.dry_run === false ? "if_not_done" : "always";
    return this.#send({ method: "POST", path: "/v1/deliveries", body, repeat }, options);
  }

  /** Sends a signed `webhook.test` to the endpoint, and says how the endpoint took it. */
  testWebhook(options?: RequestOptions): Promise<WebhookTestResult> {
    return this.#send({ method: "POST", path: "/v1/webhooks/test" }, options);
  }

  /** How the webhook endpoint is. */
  webhookHealth(options?: RequestOptions): Promise<WebhookHealth> {
    return this.#send({ method: "GET", path: "/v1/webhooks/health" }, options);
  }

  /** The public keys that verify webhooks and manifests. */
  webhookKeys(options?: RequestOptions): Promise<WebhookKeys> {
    const path = "/.well-known/liveproof/webhook-keys.json";
    return this.#send({ method: "GET", path }, options);
  }

  /** A light sequence for the mobile SDK. Takes up to 25 seconds; costs no paid call. */
  createReflectSequence(
    body: CreateReflectSequence,
    options?: RequestOptions,
  ): Promise<ReflectSequence> {
    const path = "/v1/reflect-sequences";
    return this.#send({ method: "POST", path, body, repeat: "always" }, options);
  }

  /**
   * Reads a verification every two seconds until it has a decision. For scripts and tests: a server
   * takes the webhook, which is faster. Ends with the signal only.
   */
  async waitForDecision(id: string, options: RequestOptions = {}): Promise<Verification> {
    for (;;) {
      const verification = await this.get(id, options);
      if (verification.decision !== null || verification.erasure !== null) {
        return verification;
      }
      await this.#clock.sleep(POLL_PAUSE, options.signal);
    }
  }

  async #send<Answer>(request: Request, options: RequestOptions = {}): Promise<Answer> {
    const repeat = request.repeat ?? (request.method === "POST" ? "if_not_done" : "always");
    const end = this.#clock.now() + this.#totalTimeout;
    for (let failures = 1; ; failures++) {
      let failure: ApiError | ConnectionError;
      try {
        return await this.#attempt<Answer>(request, end, options.signal);
      } catch (error) {
        if (!(error instanceof ApiError || error instanceof ConnectionError)) {
          throw error;
        }
        failure = error;
      }
      const pause = pauseAfter(failure, repeat, failures, request);
      // A pause that the total time does not allow would only delay the same error.
      if (pause === undefined || this.#clock.now() + pause >= end) {
        throw failure;
      }
      await this.#clock.sleep(pause, options.signal);
    }
  }

  async #attempt<Answer>(request: Request, end: number, signal?: AbortSignal): Promise<Answer> {
    const headers: Record<string, string> = {
      Accept: "application/json",
      Authorization: `Bearer ${this.#apiKey}`,
      ...request.headers,
    };
    const sent: RequestInit = { method: request.method, headers, redirect: "manual" };
    if (request.body !== undefined) {
      headers["Content-Type"] = "application/json";
      sent.body = JSON.stringify(request.body);
    }
    const left = Math.max(1, Math.min(this.#attemptTimeout, end - this.#clock.now()));
    const timeout = AbortSignal.timeout(Math.min(Math.ceil(left), LONGEST_TIMER));
    sent.signal = signal ? AbortSignal.any([signal, timeout]) : timeout;
    let response: Response;
    let text: string;
    try {
      response = await this.#fetch(this.#url + request.path + queryText(request.query), sent);
      text = await textOf(response);
    } catch (error) {
      if (error instanceof ConnectionError) {
        throw error;
      }
      if (signal?.aborted) {
        throw new AbortedError(signal.reason);
      }
      if (timeout.aborted) {
        throw new ConnectionError("timed_out", "the API did not answer in time", { cause: error });
      }
      throw new ConnectionError("no_answer", "the API did not answer", { cause: error });
    }
    return answerOf<Answer>(response, text);
  }
}

/** The whole answer. Rejects with ConnectionError if it is too large. */
async function textOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  let text = "";
  let read = 0;
  for (;;) {
    const { value: piece } = (await reader?.read()) ?? {};
    if (piece === undefined) {
      return text + decoder.decode();
    }
    read += piece.byteLength;
    if (read > MOST_OF_ANSWER) {
      await reader?.cancel().catch(() => undefined);
      throw new ConnectionError("answer_too_large", `the answer has more than ${MOST_OF_ANSWER} bytes`);
    }
    text += decoder.decode(piece, { stream: true });
  }
}

function one(id: string): string {
  return `/v1/verifications/${encodeURIComponent(id)}`;
}

function queryText(query: Request["query"] = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) {
      parameters.set(name, String(value));
    }
  }
  const text = parameters.toString();
  return text && `?${text}`;
}

function answerOf<Answer>(response: Response, text: string): Answer {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    document = undefined;
  }
  const isObject = typeof document === "object" && document !== null && !Array.isArray(document);
  if (response.ok) {
    if (isObject) {
      return document as Answer;
    }
    throw new ApiError("invalid_answer", response.status, "the answer is not a JSON object");
  }
  const retryAfterSeconds = secondsOf(response.headers.get("Retry-After"));
  if (isObject && typeof (document as Problem).code === "string") {
    const problem = document as Problem;
    throw new ApiError(problem.code, response.status, problem.detail ?? problem.title ?? "", {
      problem,
      retryAfterSeconds,
    });
  }
  const said = (document ?? {}) as { message?: unknown; errorMessage?: unknown };
  const detail = String(said.message ?? said.errorMessage ?? "not a problem document");
  throw new ApiError("platform", response.status, detail, { retryAfterSeconds });
}

/** `Retry-After` in seconds, which may also be a date. */
function secondsOf(header: string | null): number | undefined {
  if (header === null) {
    return undefined;
  }
  if (/^\d+$/.test(header)) {
    return Number(header);
  }
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, (at - Date.now()) / 1000);
}

/** Milliseconds until the next attempt; undefined if there must be none. */
function pauseAfter(
  failure: ApiError | ConnectionError,
  repeat: Repeat,
  failures: number,
  request: Request,
): number | undefined {
  const usual = backoff(failures, FIRST_PAUSE, LONGEST_PAUSE);
  if (failure instanceof ConnectionError) {
    return repeat === "always" && failure.code !== "answer_too_large" ? usual : undefined;
  }
  const asked = failure.retryAfterSeconds;
  const pause = asked === undefined ? usual : Math.max(usual, asked * 1000);
  const { code, status } = failure;
  if (PASSING.has(code) || (code === "platform" && status === 429)) {
    return pause;
  }
  if (repeat === "if_not_done") {
    return undefined;
  }
  // An earlier attempt of the same create is still being served.
  const served = code === "not_allowed_now" && request.headers?.["Idempotency-Key"] !== undefined;
  const failed = code === "internal_error" || code === "vendor_failed";
  // SCF has numbers of its own for a function that failed or could not be started.
  const platform = code === "platform" && (status >= 500 || (status >= 430 && status <= 439));
  return served || failed || platform ? pause : undefined;
}
