/** What the uploader needs from the place where it runs. */

import type { Clock } from "../waiting.js";
import type { FileLike } from "./files.js";
import type { StorageAnswer } from "./storage.js";

/** How far something is, in bytes. */
export interface Progress {
  loaded: number;
  total: number;
}

/** Runs while bytes are read or sent. */
export type OnProgress = (progress: Progress) => void;

/** One PUT: exactly this method, this URL and these headers, and the file's bytes. */
export interface PutRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  file: FileLike;
  onProgress: OnProgress;
  /** Ends the attempt: the caller aborted, or nothing moved for too long. */
  signal: AbortSignal;
}

/** A browser, or Node.js. */
export interface Platform {
  /** The MD5 of a file in 32 hex digits. Rejects with UploadError `file_unreadable`. */
  md5(file: FileLike, onProgress: OnProgress, signal: AbortSignal | undefined): Promise<string>;
  /**
   * The bucket's answer. Rejects with UploadError `file_unreadable`, and with any other error if
   * there was no answer.
   */
  put(request: PutRequest): Promise<StorageAnswer>;
  clock: Clock;
}
