/** A clock on which waiting takes no time. */

import { AbortedError } from "../src/errors.js";
import type { Clock } from "../src/waiting.js";

export class FakeClock implements Clock {
  /** Every pause, in milliseconds. */
  readonly pauses: number[] = [];
  /** Runs at the beginning of each pause. */
  onPause: () => void = () => undefined;
  #now = 0;

  now(): number {
    return this.#now;
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    this.pauses.push(milliseconds);
    this.onPause();
    if (signal?.aborted) {
      throw new AbortedError(signal.reason);
    }
    this.#now += milliseconds;
  }
}
