/** `@liveproof/client`: the API for servers. Apps take `@liveproof/client/upload`. */

export {
  type CreateOptions,
  Liveproof,
  type LiveproofOptions,
  type RequestOptions,
} from "./client.js";
export { AbortedError, ApiError, ConnectionError, LiveproofError } from "./errors.js";
export type { components, operations, paths } from "./schema.js";
export type * from "./types.js";
