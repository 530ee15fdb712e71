/** What `@liveproof/client/upload` exports everywhere; its functions depend on the platform. */

export type { Created, DeclaredInput, InputState, Upload } from "../types.js";
export { UploadError, type UploadErrorCode, type UploadErrorDetails } from "./errors.js";
export type { FileLike, FileSource } from "./files.js";
export type {
  DescribeOptions,
  SendOptions,
  UploadFileOptions,
  UploadFilesOptions,
  UploadResult,
  Uploads,
} from "./options.js";
export type { OnProgress, Progress } from "./platform.js";
