/** The uploader's functions, on the platform that an entry point names. */

import { AbortedError } from "../errors.js";
import type { DeclaredInput, Upload } from "../types.js";
import { describe } from "./describing.js";
import { UploadError } from "./errors.js";
import { FileUpload } from "./file-upload.js";
import { type FileSource, fileOf } from "./files.js";
import type {
  DescribeOptions,
  UploadFileOptions,
  UploadFilesOptions,
  UploadResult,
  Uploads,
} from "./options.js";
import type { Platform } from "./platform.js";
import { uploadTogether } from "./together.js";

/** The uploader's functions; all reject with UploadError. */
export interface Uploader {
  /**
   * MD5, size and content type of a file, as a create declares them. Size and type are checked
   * before the file is read.
   */
  describeFile(source: FileSource, options?: DescribeOptions): Promise<DeclaredInput>;
  /**
   * Sends a file to the bucket. Repeats attempts that failed, asks `renew` for a fresh URL when the
   * bucket says that it has expired, and takes "exists already" as success.
   */
  uploadFile(
    source: FileSource,
    upload: Upload,
    options?: UploadFileOptions,
  ): Promise<UploadResult>;
  /**
   * Sends all inputs of a verification at the same time. The first failure aborts the others. Rejects
   * with TypeError for an input without an upload URL.
   */
  uploadFiles(
    sources: Record<string, FileSource>,
    created: Uploads,
    options?: UploadFilesOptions,
  ): Promise<Record<string, UploadResult>>;
}

/** The uploader on a platform. */
export function uploaderOn(platform: Platform): Uploader {
  function uploadFile(
    source: FileSource,
    upload: Upload,
    options: UploadFileOptions = {},
  ): Promise<UploadResult> {
    const own = new FileUpload(platform, fileOf(source), upload, options);
    return withOwnAborts(own.run());
  }
  return {
    describeFile: (source, options = {}) =>
      withOwnAborts(describe(platform, fileOf(source), options)),
    uploadFile,
    uploadFiles: (sources, created, options = {}) =>
      uploadTogether(uploadFile, sources, created, options, platform.clock),
  };
}

/** An abort becomes the uploader's error. */
async function withOwnAborts<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AbortedError) {
      throw new UploadError("aborted", error.message, { cause: error.cause });
    }
    throw error;
  }
}
