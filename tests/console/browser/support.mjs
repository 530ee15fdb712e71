// What the tests of the console do in the browser. CONSOLE_SITE says what it is about, as JSON:
// `console` (the address with the token), `photo` (a file), `snippets` (a folder).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before } from "node:test";
import { chromium } from "playwright-core";
import { ARGUMENTS, executablePath } from "./chromium.mjs";

export const site = JSON.parse(process.env.CONSOLE_SITE ?? "{}");
const [, TOKEN] = site.console.split("#token=");
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
// A slow machine's, for what takes milliseconds: no test waits for time.
const TIMEOUT = 60_000;

let browser;

before(async () => {
  browser = await chromium.launch({ executablePath: await executablePath(), args: ARGUMENTS });
});
after(() => browser?.close());

/**
 * Opens the console at a path behind `#`, and hands the page to `use`. Fails if the page breaks its
 * Content-Security-Policy, throws, or asks anything but this machine.
 */
export async function withPage(path, use, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    permissions: ["camera", "clipboard-read", "clipboard-write"],
    ...options,
  });
  context.setDefaultTimeout(TIMEOUT);
  const wrong = [];
  try {
    const page = await context.newPage();
    page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
    page.on("console", (message) => {
      if (/content security policy/i.test(message.text())) {
        wrong.push(message.text());
      }
    });
    page.on("dialog", (dialog) => wrong.push(`a script of a client ran: ${dialog.message()}`));
    page.on("request", (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol !== "blob:" && hostname !== "127.0.0.1") {
        wrong.push(`external request: ${request.url()}`);
      }
    });
    const origin = site.console.split("/#")[0];
    await page.goto(`${origin}/#token=${TOKEN}${path}`);
    await page.getByRole("main").waitFor();
    await use(page, context);
    assert.deepEqual(wrong, []);
  } catch (error) {
    throw wrong.length ? new Error(`${error.message}\nand: ${wrong.join("\n")}`) : error;
  } finally {
    await context.close();
  }
}

/** What axe finds on the page as it is. */
export async function findings(page) {
  // By the debugger, as the page's policy allows no script of ours.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`),
  );
}

/** Drops a file on the place for an input. */
export async function drop(page, input, name, type, bytes) {
  const transfer = await page.evaluateHandle(
    ({ name, type, base64 }) => {
      const data = new DataTransfer();
      const content = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      data.items.add(new File([content], name, { type }));
      return data;
    },
    { name, type, base64: bytes.toString("base64") },
  );
  await page.getByRole("region", { name: input, exact: true }).dispatchEvent("drop", {
    dataTransfer: transfer,
  });
}

/** A photo that no other test has: a JPEG may have anything behind its end. */
export function photo() {
  const nonce = Buffer.from(`\n${crypto.randomUUID()}\n`);
  return Buffer.concat([readFileSync(site.photo), nonce]);
}

/** Takes the local cloud's sample for an input. */
export async function sample(page, input = "image") {
  const place = page.getByRole("region", { name: input, exact: true });
  await place.getByRole("button", { name: "Use a sample" }).click();
  await place.locator(".preview").waitFor();
}

/** Asks for a verification of what is filled in; returns its id. */
export async function ask(page) {
  await page.getByRole("button", { name: "Ask and upload" }).click();
  await page.waitForURL(/#\/verifications\/ver_/);
  return page.url().split("/verifications/")[1].split("?")[0];
}

/** The decision in the head of the open verification. */
export function decision(page) {
  return page.getByRole("article").locator(".detail-head .pill");
}

/** Waits until the open verification is decided. */
export async function decided(page, expected) {
  await decision(page).filter({ hasText: expected }).waitFor();
}
