// The browser of the tests: the one that CONSOLE_CHROMIUM names, such as Debian's
// /usr/bin/chromium, or the one that npm's @sparticuz/chromium carries, unpacked under TMPDIR.
//
// `node chromium.mjs` unpacks it and prints its path.
import { pathToFileURL } from "node:url";

const MINE = import.meta.url;

/** The path of the browser's program. */
export async function executablePath() {
  if (process.env.CONSOLE_CHROMIUM) {
    return process.env.CONSOLE_CHROMIUM;
  }
  const { default: chromium } = await import("@sparticuz/chromium");
  chromium.setGraphicsMode = false;
  return chromium.executablePath();
}

/** How it is started: a camera that shows a test picture, and no sandbox for root. */
export const ARGUMENTS = [
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--disable-dev-shm-usage",
  "--force-color-profile=srgb",
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];

if (process.argv[1] && pathToFileURL(process.argv[1]).href === MINE) {
  console.log(await executablePath());
}
