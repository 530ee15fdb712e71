/** The worker that computes an MD5, so that the page stays responsive. */

import type { FileLike } from "./files.js";
import { md5Of } from "./md5.js";

/** The page to the worker: the file. */
export interface Md5Request {
  file: FileLike;
}

/** The worker to the page: bytes read, then the MD5 in hex digits, or why there is none. */
export type Md5Reply = { loaded: number } | { md5: string } | { unreadable: unknown };

self.addEventListener("message", (event: MessageEvent<Md5Request>) => {
  const reply = (message: Md5Reply) => self.postMessage(message);
  md5Of(event.data.file, (loaded) => reply({ loaded })).then(
    (md5) => reply({ md5 }),
    (error: Error) => reply({ unreadable: String(error.cause ?? error) }),
  );
});
