/** `@liveproof/client/upload/browser`: what only a browser's page can set. */

export { type CreateWorker, setMd5Worker } from "./browser-platform.js";
