/** Files as the uploader takes and reads them. */

import { AbortedError } from "../errors.js";
import { UploadError } from "./errors.js";

/** What a Blob or a File of the browser is, and what `openFile` of `@liveproof/client/node` makes. */
export interface FileLike {
  /** Bytes. */
  readonly size: number;
  /** The content type; may be empty. */
  readonly type?: string;
  /** The bytes from the beginning, as often as asked. */
  stream(): ReadableStream<Uint8Array>;
}

/** A file to upload. */
export type FileSource = FileLike | ArrayBuffer | ArrayBufferView;

/** The source as a file; bytes become a Blob. */
export function fileOf(source: FileSource): FileLike {
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    return new Blob([source as BlobPart]);
  }
  return source;
}

/**
 * The pieces of a file, one after the other.
 *
 * @throws UploadError `file_unreadable`, and `file_changed` for more or fewer bytes than `size`;
 *   AbortedError when the signal aborts between two pieces.
 */
export async function* piecesOf(
  file: FileLike,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = await readable(() => file.stream().getReader());
  let read = 0;
  try {
    for (;;) {
      if (signal?.aborted) {
        throw new AbortedError(signal.reason);
      }
      const { value: piece } = await readable(() => reader.read());
      read += piece?.byteLength ?? 0;
      // Bytes beyond Content-Length would begin another request on the same connection.
      if (read > file.size || (piece === undefined && read < file.size)) {
        throw new UploadError("file_changed", "the file has another size than when it was opened");
      }
      if (piece === undefined) {
        return;
      }
      yield piece;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function readable<Result>(read: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (cause) {
    throw new UploadError("file_unreadable", "the file cannot be read", { cause });
  }
}
