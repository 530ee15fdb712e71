/** What a file is, before it is declared. */

import type { DeclaredInput } from "../types.js";
import { UploadError } from "./errors.js";
import type { FileLike } from "./files.js";
import type { DescribeOptions } from "./options.js";
import type { Platform } from "./platform.js";

/** Size and type are checked before the file is read. */
export async function describe(
  platform: Platform,
  file: FileLike,
  options: DescribeOptions,
): Promise<DeclaredInput> {
  const { maxBytes, signal, onProgress = () => undefined } = options;
  const content_type = acceptedType(options.contentType ?? file.type, options.contentTypes);
  if (file.size === 0) {
    throw new UploadError("file_empty", "the file is empty");
  }
  if (maxBytes !== undefined && file.size > maxBytes) {
    const limit = `at most ${maxBytes} are accepted`;
    throw new UploadError("file_too_large", `the file has ${file.size} bytes, and ${limit}`);
  }
  return { md5: await platform.md5(file, onProgress, signal), size: file.size, content_type };
}

/** The type without parameters. */
function acceptedType(type: string | undefined, accepted: readonly string[] | undefined): string {
  const bare = (type ?? "").replace(/;.*/s, "").trim().toLowerCase();
  if (bare === "") {
    throw new UploadError("content_type_not_accepted", "the file has no content type");
  }
  if (accepted !== undefined && !accepted.includes(bare)) {
    const message = `${bare} is not accepted, but ${accepted.join(", ")}`;
    throw new UploadError("content_type_not_accepted", message);
  }
  return bare;
}
