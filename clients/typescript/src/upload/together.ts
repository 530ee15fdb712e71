/** Several inputs at the same time. */

import type { Upload } from "../types.js";
import { type Clock, eitherOf } from "../waiting.js";
import type { FileSource } from "./files.js";
import type { UploadFileOptions, UploadFilesOptions, UploadResult, Uploads } from "./options.js";

/** A URL that was fetched longer ago may have expired since: an input's own asks for another. */
const FRESH = 60_000;

type UploadFile = (
  source: FileSource,
  upload: Upload,
  options: UploadFileOptions,
) => Promise<UploadResult>;

/** Sends all files; the first failure aborts the others and is thrown when they have ended. */
export async function uploadTogether(
  uploadFile: UploadFile,
  sources: Record<string, FileSource>,
  { uploads }: Uploads,
  options: UploadFilesOptions,
  clock: Clock,
): Promise<Record<string, UploadResult>> {
  const { renew, confirm, onProgress, signal, ...times } = options;
  const failed = new AbortController();
  const done = new AbortController();
  const either = signal ? eitherOf(signal, failed.signal, done.signal) : failed.signal;
  const renewals = renew && new SharedRenewals(uploads, renew, clock);
  const jobs = Object.entries(sources).map(([input, source]) => {
    const upload = uploads[input];
    if (upload === undefined) {
      throw new TypeError(`there is no upload URL for the input "${input}"`);
    }
    const own: UploadFileOptions = { ...times, signal: either };
    if (onProgress) {
      own.onProgress = (progress) => onProgress(input, progress);
    }
    if (renewals) {
      own.renew = () => renewals.next(input);
    }
    if (confirm) {
      own.confirm = () => confirm(input);
    }
    return { input, source, upload, own };
  });
  const running = jobs.map(async ({ input, source, upload, own }) => {
    return [input, await uploadFile(source, upload, own)] as const;
  });
  try {
    return Object.fromEntries(await Promise.all(running));
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled(running);
    throw error;
  } finally {
    done.abort();
  }
}

/** One request for fresh URLs serves every input that needs one at that time. */
class SharedRenewals {
  readonly #renew: () => Promise<Uploads>;
  readonly #clock: Clock;
  /** The entry that each input has used. */
  readonly #used: Map<string, Upload>;
  #latest: Uploads["uploads"];
  #latestAt = -Infinity;
  #running: Promise<void> | undefined;

  constructor(uploads: Uploads["uploads"], renew: () => Promise<Uploads>, clock: Clock) {
    this.#renew = renew;
    this.#clock = clock;
    this.#used = new Map(Object.entries(uploads));
    this.#latest = uploads;
  }

  /** An entry that the input has not used; null if the input is no longer awaited. */
  async next(input: string): Promise<Upload | null> {
    const isUsed = this.#latest[input]?.url === this.#used.get(input)?.url;
    if (isUsed || this.#clock.now() - this.#latestAt > FRESH) {
      this.#running ??= this.#ask();
      await this.#running;
    }
    const upload = this.#latest[input];
    if (upload === undefined) {
      return null;
    }
    this.#used.set(input, upload);
    return upload;
  }

  async #ask(): Promise<void> {
    try {
      this.#latest = (await this.#renew()).uploads;
      this.#latestAt = this.#clock.now();
    } finally {
      this.#running = undefined;
    }
  }
}
