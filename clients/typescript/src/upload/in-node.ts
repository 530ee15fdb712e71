/** `@liveproof/client/upload` in Node.js. */

import { nodePlatform } from "./node-platform.js";
import { type Uploader, uploaderOn } from "./uploader.js";

export * from "./exports.js";

const uploader: Uploader = uploaderOn(nodePlatform);
/** {@inheritDoc Uploader.describeFile} */
export const describeFile: Uploader["describeFile"] = uploader.describeFile;
/** {@inheritDoc Uploader.uploadFile} */
export const uploadFile: Uploader["uploadFile"] = uploader.uploadFile;
/** {@inheritDoc Uploader.uploadFiles} */
export const uploadFiles: Uploader["uploadFiles"] = uploader.uploadFiles;
