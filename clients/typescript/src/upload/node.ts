/** Files of the disk, in Node.js. */

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";

import type { FileLike } from "./files.js";

/**
 * A file of the disk for the uploader, which reads it piece by piece.
 *
 * @param type the content type, such as `image/jpeg`
 * @throws the error of `node:fs` if there is no such file
 */
export async function openFile(path: string, type: string): Promise<FileLike> {
  const { size } = await stat(path);
  const stream = () => Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
  return { size, type, stream };
}
