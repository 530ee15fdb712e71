/** MD5 in JavaScript: a browser has none, and WebAssembly would need a wider CSP. */

import { md5 } from "@noble/hashes/legacy.js";
import { bytesToHex } from "@noble/hashes/utils.js";

import { type FileLike, piecesOf } from "./files.js";

/** The MD5 of a file in hex digits. `onLoaded` gets the number of bytes that were read. */
export async function md5Of(
  file: FileLike,
  onLoaded: (loaded: number) => void,
  signal?: AbortSignal,
): Promise<string> {
  const hash = md5.create();
  let loaded = 0;
  for await (const piece of piecesOf(file, signal)) {
    hash.update(piece);
    loaded += piece.byteLength;
    onLoaded(loaded);
  }
  return bytesToHex(hash.digest());
}
