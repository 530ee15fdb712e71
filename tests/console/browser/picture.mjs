// Writes the picture of the console for the pages: `node picture.mjs FILE` with CONSOLE_SITE set, as
// support.mjs says. It plays a few verifications first, so that there is something to see.
import { chromium } from "playwright-core";
import { readFileSync } from "node:fs";
import { ARGUMENTS, executablePath } from "./chromium.mjs";

const site = JSON.parse(process.env.CONSOLE_SITE ?? "{}");
const PLAYED = [
  ["video", "order-1041", ""],
  ["photo", "order-1042", "photographed"],
  ["silent", "order-1043", ""],
  ["photo", "order-1044", "no-face"],
  ["reflect", "order-1045", ""],
];

const browser = await chromium.launch({ executablePath: await executablePath(), args: ARGUMENTS });
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: "light" });
await page.goto(site.console);
for (const [check, reference, scenario] of PLAYED) {
  await page.getByRole("link", { name: "New", exact: true }).click();
  await page.getByRole("radio", { name: new RegExp(`^${check}`) }).check();
  for (const place of await page.locator(".picker").all()) {
    await place.getByRole("button", { name: "Use a sample" }).click();
    await place.locator(".preview").waitFor();
  }
  await page.getByLabel("Scenario").selectOption(scenario);
  await page.getByRole("textbox", { name: /^Reference/ }).fill(reference);
  await page.getByRole("button", { name: "Ask and upload" }).click();
  await page.getByText("Webhook 1.1: 204").waitFor();
}
await page.screenshot({ path: process.argv[2] });
await browser.close();
