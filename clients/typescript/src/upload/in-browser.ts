/** `@liveproof/client/upload` in browsers. */

import { browserPlatform } from "./browser-platform.js";
import { uploaderOn } from "./uploader.js";

export * from "./exports.js";
export const { describeFile, uploadFile, uploadFiles } = uploaderOn(browserPlatform);
