/** What the uploader throws. Switch on `code`; texts are for people and never hold a URL. */

/** Why an upload failed. The README says what an app does about each. */
export type UploadErrorCode =
  /** The signal aborted the operation; `cause` is its reason and `name` is `AbortError`. */
  | "aborted"
  /** The file has no bytes. */
  | "file_empty"
  /** The file has more bytes than `maxBytes`. */
  | "file_too_large"
  /** The content type is missing, or not one of `contentTypes`. */
  | "content_type_not_accepted"
  /** The file cannot be read: it was moved, or the permission to read it ended. */
  | "file_unreadable"
  /** The file has other bytes than were declared: it was compressed again or edited meanwhile. */
  | "file_changed"
  /** The file is the declared one, but other bytes arrived: something on the way changed them. */
  | "bytes_altered"
  /** The bucket got other headers or another URL than the API gave. */
  | "headers_changed"
  /** The URL has expired, and there is no `renew`, or it was used too often. */
  | "url_expired"
  /** The bucket says that a fresh URL has expired: the clock of the server that signs is wrong. */
  | "clock_skew"
  /** `renew` failed; `cause` is its error. */
  | "renew_failed"
  /** `confirm` failed; `cause` is its error. */
  | "confirm_failed"
  /** The bucket says that it has the file, and `confirm` still answers `missing`. */
  | "not_confirmed"
  /** The file arrived, and liveproof refused it: the verification ends with `resubmit`. */
  | "input_refused"
  /** No answer from the bucket: no network, or in a browser no CORS rule for the page's origin. */
  | "network"
  /** The bucket has a fault of its own. */
  | "storage_unavailable"
  /** The bucket refused for a reason that the uploader does not know; see `storageCode`. */
  | "storage_refused";

/** More about a failure. */
export interface UploadErrorDetails {
  /** The HTTP status of the bucket's last answer. */
  status?: number | undefined;
  /** The `Code` in the bucket's last answer. */
  storageCode?: string | undefined;
  cause?: unknown;
}

/** An upload, or the look at a file before it, failed. */
export class UploadError extends Error {
  readonly code: UploadErrorCode;
  readonly status: number | undefined;
  readonly storageCode: string | undefined;

  constructor(code: UploadErrorCode, message: string, details: UploadErrorDetails = {}) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.name = code === "aborted" ? "AbortError" : "UploadError";
    this.code = code;
    this.status = details.status;
    this.storageCode = details.storageCode;
  }
}
