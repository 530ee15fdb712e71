/** Waiting: pauses that can be aborted, and how long they are. */

import { AbortedError } from "./errors.js";

/** The time as the client sees it; tests have another one. */
export interface Clock {
  /** Milliseconds that only grow. */
  now(): number;
  /** Resolves after `milliseconds`; rejects with AbortedError at once when the signal aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** A timer takes no more milliseconds: a longer one is over at once. */
export const LONGEST_TIMER: number = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(new AbortedError(signal.reason));
        return;
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", abort);
        resolve();
      }, Math.min(milliseconds, LONGEST_TIMER));
      function abort(): void {
        clearTimeout(timer);
        reject(new AbortedError(signal?.reason));
      }
      signal?.addEventListener("abort", abort, { once: true });
    }),
};

/**
 * The pause before the next attempt in milliseconds: doubled each time up to `longest`, half of it
 * drawn at random, so that clients that failed together do not come back together.
 */
export function backoff(failures: number, first: number, longest: number): number {
  const whole = Math.min(longest, first * 2 ** (failures - 1));
  return whole / 2 + (Math.random() * whole) / 2;
}

/**
 * Aborts when one of the two does, until `done` aborts. Safari 16 has no AbortSignal.any, and old
 * phones stay with it.
 */
export function eitherOf(one: AbortSignal, other: AbortSignal, done: AbortSignal): AbortSignal {
  const either = new AbortController();
  for (const signal of [one, other]) {
    const abort = () => either.abort(signal.reason);
    if (signal.aborted) {
      abort();
    }
    signal.addEventListener("abort", abort, { once: true, signal: done });
  }
  return either.signal;
}
