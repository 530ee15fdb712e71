/** The platform Node.js: `node:crypto` and `node:http`. */

import { createHash } from "node:crypto";
import { request as requestByHttp } from "node:http";
import { request as requestByHttps } from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { systemClock } from "../waiting.js";
import { UploadError } from "./errors.js";
import { piecesOf } from "./files.js";
import type { Platform, PutRequest } from "./platform.js";
import type { StorageAnswer } from "./storage.js";

/** An error document has some hundred bytes. */
const MOST_OF_ANSWER = 64 * 1024;
/** Bytes between two reports of progress. */
const STEP = 64 * 1024;

export const nodePlatform: Platform = {
  async md5(file, onProgress, signal) {
    const hash = createHash("md5");
    let loaded = 0;
    for await (const piece of piecesOf(file, signal)) {
      hash.update(piece);
      loaded += piece.byteLength;
      onProgress({ loaded, total: file.size });
    }
    return hash.digest("hex");
  },
  put,
  clock: systemClock,
};

function put(sent: PutRequest): Promise<StorageAnswer> {
  const { file, headers, method, onProgress, signal } = sent;
  const url = new URL(sent.url);
  const send = url.protocol === "https:" ? requestByHttps : requestByHttp;
  return new Promise((resolve, reject) => {
    const request = send(url, { method, headers, signal });
    request.on("response", (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        if (body.length < MOST_OF_ANSWER) {
          body += text;
        }
      });
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, body });
        // A refusal may come before the last byte was sent.
        if (!request.writableFinished) {
          request.destroy();
        }
      });
    });
    request.on("error", reject);
    // A connection may also close without an error, as after a 101.
    request.on("close", () => reject(new Error("no answer")));
    async function* counted(): AsyncGenerator<Uint8Array> {
      let loaded = 0;
      for await (const piece of piecesOf(file)) {
        for (let start = 0; start < piece.byteLength; start += STEP) {
          const part = piece.subarray(start, start + STEP);
          yield part;
          loaded += part.byteLength;
          onProgress({ loaded, total: file.size });
        }
      }
    }
    pipeline(Readable.from(counted(), { objectMode: false }), request).catch((error: unknown) => {
      if (error instanceof UploadError) {
        reject(error);
      }
    });
  });
}
