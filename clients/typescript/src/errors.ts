/** What the client throws. Switch on `code`; texts are for people. */

import type { Problem, ProblemCode } from "./types.js";

/** Every error of the client. */
export class LiveproofError extends Error {
  /** Stable: a problem's code, or `platform`, `invalid_answer`, `no_answer`, `timed_out`, `answer_too_large`, `aborted`. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The API, or the platform in front of it, answered with something else than success. */
export class ApiError extends LiveproofError {
  /** `platform`: the cloud answered before liveproof did. `invalid_answer`: a success without JSON. */
  declare readonly code: ProblemCode | "platform" | "invalid_answer";
  /** The HTTP status. */
  readonly status: number;
  /** For people; names the limit that was broken. */
  readonly detail: string;
  /** The part of the request that is wrong, such as `inputs.image.size`. */
  readonly field: string | undefined;
  /** How long to wait before the next try, if the answer says so. */
  readonly retryAfterSeconds: number | undefined;
  /** The whole problem document, if there was one. */
  readonly problem: Problem | undefined;

  constructor(
    code: ApiError["code"],
    status: number,
    detail: string,
    more: { problem?: Problem | undefined; retryAfterSeconds?: number | undefined } = {},
  ) {
    const field = more.problem?.field;
    super(code, `HTTP ${status} ${code}: ${field ? `${field} ` : ""}${detail}`);
    this.status = status;
    this.detail = detail;
    this.field = field;
    this.retryAfterSeconds = more.retryAfterSeconds;
    this.problem = more.problem;
  }
}

/** There was no answer. Whether the request was carried out is unknown. */
export class ConnectionError extends LiveproofError {
  /**
   * `no_answer`: no connection, or it broke. `timed_out`: an attempt, or all of them, took too long.
   * `answer_too_large`: the answer has more bytes than any of the API.
   */
  declare readonly code: "no_answer" | "timed_out" | "answer_too_large";
}

/** The caller's signal aborted the operation; `cause` is the signal's reason. */
export class AbortedError extends LiveproofError {
  declare readonly code: "aborted";

  constructor(reason: unknown) {
    super("aborted", "the operation was aborted", { cause: reason });
    // The name by which the platform's own functions say so.
    this.name = "AbortError";
  }
}
