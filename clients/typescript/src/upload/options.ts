/** Options and results of the uploader's functions. Times are in milliseconds. */

import type { Created, InputState, Upload } from "../types.js";
import type { OnProgress, Progress } from "./platform.js";

/** The part of a create's answer that the app needs. */
export type Uploads = Pick<Created, "uploads">;

/** Options of `describeFile`. */
export interface DescribeOptions {
  /** The content type; the default is the file's own. Parameters such as `;codecs=` are left out. */
  contentType?: string;
  /** The content types that the check accepts. Any by default. */
  contentTypes?: readonly string[];
  /** The most bytes that the check accepts. Any number by default. */
  maxBytes?: number;
  /** Runs while the MD5 is computed. */
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** Options of every upload. */
export interface SendOptions {
  signal?: AbortSignal;
  /** How long an upload may take with all its attempts and pauses. The default is ten minutes. */
  totalTimeout?: number;
  /** After how long without a byte an attempt is given up. The default is 30 seconds. */
  stallTimeout?: number;
}

/** Options of `uploadFile`. */
export interface UploadFileOptions extends SendOptions {
  /** Runs while bytes are sent. A new attempt begins at zero. */
  onProgress?: OnProgress;
  /**
   * Asks your server for a fresh entry of this input (`renewUploads` of the server's client). Null
   * if the input is no longer awaited: then an earlier attempt arrived.
   */
  renew?: () => Promise<Upload | null>;
  /**
   * Asks your server for the input's state (`get` of the server's client) when the bucket says that
   * it has the file already. Without it the bucket's word is enough: the URL takes no other bytes.
   */
  confirm?: () => Promise<InputState>;
}

/** Options of `uploadFiles`. */
export interface UploadFilesOptions extends SendOptions {
  /** Runs while bytes of an input are sent. */
  onProgress?: (input: string, progress: Progress) => void;
  /** Asks your server for fresh entries of all inputs that have not arrived. */
  renew?: () => Promise<Uploads>;
  /** Asks your server for an input's state, as in `uploadFile`. */
  confirm?: (input: string) => Promise<InputState>;
}

/** How an upload ended. */
export interface UploadResult {
  /** PUT requests that were sent. */
  attempts: number;
  /** True if the bucket had the file before the last attempt, as after a lost answer. */
  alreadyThere: boolean;
}
