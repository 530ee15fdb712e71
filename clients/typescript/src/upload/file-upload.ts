/** One file on its way to the bucket: attempts, fresh URLs and lost answers. */

import { AbortedError } from "../errors.js";
import type { InputState, Upload } from "../types.js";
import { backoff, eitherOf, LONGEST_TIMER } from "../waiting.js";
import { UploadError, type UploadErrorCode } from "./errors.js";
import { type FileLike, piecesOf } from "./files.js";
import type { UploadFileOptions, UploadResult } from "./options.js";
import type { Platform } from "./platform.js";
import { type StorageAnswer, codeOf, meaningOf } from "./storage.js";

const TOTAL_TIMEOUT = 600_000;
const STALL_TIMEOUT = 30_000;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;
/** Fresh URLs of one upload. The API issues an input's URLs ten times in all. */
const RENEWALS = 5;
/** How often `confirm` may answer `missing`: the bucket's event takes a moment to arrive. */
const CONFIRMATIONS = 5;

/** The upload of one file; `run` may be called once. */
export class FileUpload {
  readonly #platform: Platform;
  readonly #file: FileLike;
  readonly #options: UploadFileOptions;
  readonly #end: number;
  #upload: Upload;
  #attempts = 0;
  #failures = 0;
  #renewals = 0;
  #wasAltered = false;
  /** The present URL is fresh, and was not tried yet. */
  #isFresh = false;

  constructor(platform: Platform, file: FileLike, upload: Upload, options: UploadFileOptions) {
    this.#platform = platform;
    this.#file = file;
    this.#upload = upload;
    this.#options = options;
    this.#end = platform.clock.now() + (options.totalTimeout ?? TOTAL_TIMEOUT);
  }

  /** Rejects with UploadError, and with AbortedError when the signal aborts. */
  async run(): Promise<UploadResult> {
    this.#requireUsableEntry();
    for (;;) {
      const answer = await this.#attempt();
      const done = await (answer === undefined ? this.#afterSilence() : this.#after(answer));
      if (done !== undefined) {
        return done;
      }
    }
  }

  /** What cannot succeed is not sent: no entry of `uploads`, or a file of another size than declared. */
  #requireUsableEntry(): void {
    if (!isSendable(this.#upload)) {
      const message = "the upload's URL or headers are not those that the API gave";
      throw new UploadError("headers_changed", message);
    }
    const declared = header(this.#upload, "Content-Length");
    if (declared !== undefined && Number(declared) !== this.#file.size) {
      const message = `the file has ${this.#file.size} bytes, and ${declared} were declared`;
      throw new UploadError("file_changed", message);
    }
  }

  /** One PUT; undefined if there was no answer. */
  async #attempt(): Promise<StorageAnswer | undefined> {
    const { signal, onProgress, stallTimeout = STALL_TIMEOUT } = this.#options;
    this.#requireNoAbort();
    this.#attempts += 1;
    const stalled = new AbortController();
    const done = new AbortController();
    const giveUp = () => stalled.abort();
    const wait = () => Math.min(stallTimeout, this.#left());
    let timer = setTimeout(giveUp, wait());
    try {
      return await this.#platform.put({
        method: this.#upload.method,
        url: this.#upload.url,
        headers: this.#upload.headers,
        file: this.#file,
        signal: signal ? eitherOf(signal, stalled.signal, done.signal) : stalled.signal,
        onProgress: (progress) => {
          clearTimeout(timer);
          timer = setTimeout(giveUp, wait());
          onProgress?.(progress);
        },
      });
    } catch (error) {
      this.#requireNoAbort();
      if (error instanceof UploadError) {
        throw error;
      }
      return undefined;
    } finally {
      clearTimeout(timer);
      done.abort();
    }
  }

  /** The result if the upload is done; undefined for another attempt. */
  async #after(answer: StorageAnswer): Promise<UploadResult | undefined> {
    const meaning = meaningOf(answer);
    const wasFresh = this.#isFresh;
    this.#isFresh = false;
    switch (meaning) {
      case "stored":
        return this.#result(false);
      case "exists":
        return this.#whenThere(answer);
      case "stale_url":
        return this.#renew(answer, wasFresh);
      case "wrong_bytes":
        await this.#requireUnchangedFile(answer);
        return this.#again("bytes_altered", "other bytes arrived than were sent", answer);
      case "wrong_headers": {
        const message = "the bucket got other headers or another URL than the API gave";
        throw failure("headers_changed", message, answer);
      }
      case "unknown":
        throw failure("storage_refused", "the bucket refused the file", answer);
      default:
        return this.#again("storage_unavailable", "the bucket could not store the file", answer);
    }
  }

  async #afterSilence(): Promise<undefined> {
    // The network may have been away for longer than a URL lives.
    this.#isFresh = false;
    // A browser reports a file that it cannot read as a failure of the network.
    await this.#firstPiece();
    return this.#again("network", "the bucket did not answer");
  }

  /** Pauses before another attempt; throws if the total time does not allow one. */
  async #again(code: UploadErrorCode, message: string, answer?: StorageAnswer): Promise<undefined> {
    this.#failures += 1;
    const pause = backoff(this.#failures, FIRST_PAUSE, LONGEST_PAUSE);
    const { clock } = this.#platform;
    if (clock.now() + pause >= this.#end) {
      throw failure(code, message, answer);
    }
    await clock.sleep(pause, this.#options.signal);
  }

  async #renew(answer: StorageAnswer, wasFresh: boolean): Promise<UploadResult | undefined> {
    const { renew } = this.#options;
    if (wasFresh) {
      const message = "the bucket says that a fresh URL has expired";
      throw failure("clock_skew", message, answer);
    }
    if (renew === undefined || this.#renewals === RENEWALS) {
      throw failure("url_expired", "the upload URL has expired", answer);
    }
    this.#renewals += 1;
    let upload: Upload | null;
    try {
      upload = await this.#inTime(renew);
    } catch (cause) {
      this.#requireNoAbort();
      if (!(await this.#hasArrived())) {
        throw new UploadError("renew_failed", "no fresh URL could be had", { cause });
      }
      upload = null;
    }
    if (upload === null) {
      return this.#whenThere(answer);
    }
    this.#upload = upload;
    this.#isFresh = true;
    this.#requireUsableEntry();
    return undefined;
  }

  /** The bucket, or the API, says that the file arrived. */
  async #whenThere(answer: StorageAnswer): Promise<UploadResult> {
    const { confirm, signal } = this.#options;
    for (let asked = 1; confirm !== undefined; asked++) {
      const state = await this.#stateFrom(confirm);
      if (state === "proven") {
        break;
      }
      if (state === "refused") {
        throw failure("input_refused", "the file arrived and was refused", answer);
      }
      if (asked === CONFIRMATIONS) {
        throw failure("not_confirmed", "the bucket has the file, the API does not know it", answer);
      }
      await this.#platform.clock.sleep(backoff(asked, FIRST_PAUSE, LONGEST_PAUSE), signal);
    }
    return this.#result(true);
  }

  /** The API gives no fresh URL either when every file has arrived. */
  async #hasArrived(): Promise<boolean> {
    const { confirm } = this.#options;
    try {
      return confirm !== undefined && (await this.#stateFrom(confirm)) !== "missing";
    } catch {
      this.#requireNoAbort();
      return false;
    }
  }

  async #stateFrom(confirm: () => Promise<InputState>): Promise<InputState> {
    try {
      return await this.#inTime(confirm);
    } catch (cause) {
      this.#requireNoAbort();
      throw new UploadError("confirm_failed", "the input's state could not be had", { cause });
    }
  }

  /** What a callback gives; rejects when the signal aborts, or when the total time is over. */
  async #inTime<Result>(callback: () => Promise<Result>): Promise<Result> {
    this.#requireNoAbort();
    const { signal } = this.#options;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let abort = () => {};
    const stopped = new Promise<never>((_, reject) => {
      abort = () => reject(new AbortedError(signal?.reason));
      timer = setTimeout(() => reject(new Error("the callback took too long")), this.#left());
      signal?.addEventListener("abort", abort, { once: true });
    });
    try {
      return await Promise.race([callback(), stopped]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Milliseconds of the total time, as a timer takes them. */
  #left(): number {
    return Math.min(LONGEST_TIMER, Math.max(0, this.#end - this.#platform.clock.now()));
  }

  #requireNoAbort(): void {
    const { signal } = this.#options;
    if (signal?.aborted) {
      throw new AbortedError(signal.reason);
    }
  }

  /** After a wrong MD5: is the file still the declared one? If so, the way is to blame. */
  async #requireUnchangedFile(answer: StorageAnswer): Promise<void> {
    const { signal } = this.#options;
    const md5 = await this.#platform.md5(this.#file, () => undefined, signal);
    if (md5 !== declaredMd5(this.#upload)) {
      const message = "the file has other bytes than were declared: declare the final file";
      throw failure("file_changed", message, answer);
    }
    if (this.#wasAltered) {
      throw failure("bytes_altered", "other bytes arrived than were sent, twice", answer);
    }
    this.#wasAltered = true;
  }

  async #firstPiece(): Promise<void> {
    for await (const _ of piecesOf(this.#file)) {
      return;
    }
  }

  #result(alreadyThere: boolean): UploadResult {
    return { attempts: this.#attempts, alreadyThere };
  }
}

function failure(code: UploadErrorCode, message: string, answer?: StorageAnswer): UploadError {
  const storageCode = answer && codeOf(answer);
  return new UploadError(code, storageCode ? `${message} (${storageCode})` : message, {
    status: answer?.status,
    storageCode,
  });
}

/** Whether HTTP can have the method, the URL and the headers. */
function isSendable({ method, url, headers }: Upload): boolean {
  const values = Object.values(headers);
  let protocol: string;
  try {
    ({ protocol } = new URL(url));
  } catch {
    return false;
  }
  return (
    /^https?:$/.test(protocol) &&
    [method, ...Object.keys(headers)].every((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name)) &&
    values.every((value) => /^[ -~\t]*$/.test(value))
  );
}

function header(upload: Upload, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(upload.headers).find(([key]) => key.toLowerCase() === wanted)?.[1];
}

/** The declared MD5 in hex digits; the header has it in base64. */
function declaredMd5(upload: Upload): string {
  const bytes = atob(header(upload, "Content-MD5") ?? "");
  return Array.from(bytes, (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}
