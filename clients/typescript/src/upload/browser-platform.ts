/** The platform of browsers: a worker for the MD5, XMLHttpRequest for the upload's progress. */

import { AbortedError } from "../errors.js";
import { systemClock } from "../waiting.js";
import { UploadError } from "./errors.js";
import { type FileLike, piecesOf } from "./files.js";
import { md5Of } from "./md5.js";
import type { Md5Reply, Md5Request } from "./md5-worker.js";
import type { Platform, PutRequest } from "./platform.js";
import type { StorageAnswer } from "./storage.js";

/** Makes the worker of the MD5; null computes the MD5 in the page. */
export type CreateWorker = () => Worker | null;

/** Bundlers know this form and put the worker's file beside the page's. */
const ownWorker: CreateWorker = () =>
  new Worker(new URL("./md5-worker.js", import.meta.url), { type: "module" });

let createWorker = ownWorker;

/** The browser sets these itself, and refuses them from a page. */
const SET_BY_THE_BROWSER = new Set(["content-length", "host", "connection"]);

/**
 * Another way to make the worker, for a bundler that does not know the usual one, or `() => null`
 * for none. The worker's file is `@liveproof/client/md5-worker`.
 */
export function setMd5Worker(create: CreateWorker): void {
  createWorker = create;
}

export const browserPlatform: Platform = {
  async md5(file, onProgress, signal) {
    const report = (loaded: number) => onProgress({ loaded, total: file.size });
    return (await md5InWorker(file, report, signal)) ?? md5Of(file, report, signal);
  },
  put,
  clock: systemClock,
};

/** Undefined if there is no worker here, for example because the page's CSP forbids it. */
function md5InWorker(
  file: FileLike,
  report: (loaded: number) => void,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      throw new AbortedError(signal.reason);
    }
    let worker: Worker | null;
    try {
      worker = file instanceof Blob ? createWorker() : null;
    } catch {
      worker = null;
    }
    if (worker === null) {
      resolve(undefined);
      return;
    }
    const abort = () => settle(() => reject(new AbortedError(signal?.reason)));
    const settle = (how: () => void) => {
      worker.terminate();
      signal?.removeEventListener("abort", abort);
      how();
    };
    signal?.addEventListener("abort", abort, { once: true });
    worker.onerror = () => settle(() => resolve(undefined));
    worker.onmessage = ({ data }: MessageEvent<Md5Reply>) => {
      if ("loaded" in data) {
        report(data.loaded);
      } else if ("md5" in data) {
        settle(() => resolve(data.md5));
      } else {
        const message = "the file cannot be read";
        settle(() => reject(new UploadError("file_unreadable", message, { cause: data.unreadable })));
      }
    };
    worker.postMessage({ file } satisfies Md5Request);
  });
}

async function blobOf(file: FileLike): Promise<Blob> {
  const pieces: BlobPart[] = [];
  for await (const piece of piecesOf(file)) {
    pieces.push(piece as BlobPart);
  }
  return new Blob(pieces);
}

async function put(sent: PutRequest): Promise<StorageAnswer> {
  const { file, headers, method, onProgress, signal, url } = sent;
  const body = file instanceof Blob ? file : await blobOf(file);
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) {
      if (!SET_BY_THE_BROWSER.has(name.toLowerCase())) {
        request.setRequestHeader(name, value);
      }
    }
    const abort = () => request.abort();
    signal.addEventListener("abort", abort, { once: true });
    request.upload.onprogress = ({ loaded }) => onProgress({ loaded, total: file.size });
    request.onload = () => resolve({ status: request.status, body: request.responseText });
    request.onerror = () => reject(new Error("no answer"));
    request.onabort = () => reject(new Error("aborted"));
    request.onloadend = () => signal.removeEventListener("abort", abort);
    request.send(body);
  });
}
