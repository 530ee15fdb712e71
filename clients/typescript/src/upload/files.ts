/** Files as the uploader takes and reads them. */

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
 * @throws UploadError `file_unreadable`.
 */
export async function* piecesOf(file: FileLike): AsyncGenerator<Uint8Array, void, undefined> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  try {
    reader = file.stream().getReader();
    for (;;) {
      const piece = await read(reader);
      if (piece === undefined) {
        return;
      }
      yield piece;
    }
  } catch (cause) {
    throw cause instanceof UploadError ? cause : unreadable(cause);
  } finally {
    await reader?.cancel().catch(() => undefined);
  }
}

async function read(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<Uint8Array | undefined> {
  try {
    return (await reader.read()).value;
  } catch (cause) {
    throw unreadable(cause);
  }
}

function unreadable(cause: unknown): UploadError {
  return new UploadError("file_unreadable", "the file cannot be read", { cause });
}
