/** `@liveproof/client/upload` in Node.js. */

import { nodePlatform } from "./node-platform.js";
import { uploaderOn } from "./uploader.js";

export * from "./exports.js";
export const { describeFile, uploadFile, uploadFiles } = uploaderOn(nodePlatform);
