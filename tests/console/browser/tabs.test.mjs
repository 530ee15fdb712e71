import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, decided, sample, site, withPage } from "./support.mjs";

const [ORIGIN, TOKEN] = site.console.split("/#token=");

/** As a browser does when another tab comes to the front: headless ones show all tabs. */
function show(page, isShown) {
  return page.evaluate((isHidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }, !isShown);
}

function live(page) {
  return page.locator(".connection.live").waitFor();
}

test("more tabs than a browser has connections work, and one that was hidden catches up", () =>
  withPage("/", async (page, context) => {
    await live(page);
    const tabs = [page];
    for (let count = 1; count < 8; count++) {
      await show(tabs.at(-1), false);
      const tab = await context.newPage();
      await tab.goto(`${ORIGIN}/#/new`);
      await live(tab);
      tabs.push(tab);
    }
    await sample(tabs.at(-1));
    const id = await ask(tabs.at(-1));
    await decided(tabs.at(-1), "passed");
    await show(tabs.at(-1), false);
    await show(page, true);
    await page.locator(`.row[href*="${id}"]`).filter({ hasText: "passed" }).waitFor();
  }));

test("the address of the next start may be opened in the tab of the last one", () =>
  withPage("/", async (page) => {
    await live(page);
    await page.evaluate(() => localStorage.setItem("console-token", "of-an-earlier-start"));
    await page.reload();
    await page.getByText("This page was opened by another start").waitFor();
    await page.goto(`${ORIGIN}/#token=${TOKEN}/webhooks`);
    await page.getByRole("heading", { level: 1, name: "Webhooks" }).waitFor();
    await live(page);
    assert.equal(new URL(page.url()).hash, "#/webhooks");
  }));

test("a mistyped link says that there is no such verification, and the page stays live", () =>
  withPage("/verifications/ver_mistyped", async (page) => {
    await page.getByText("There is no such verification here.").waitFor();
    await live(page);
    assert.equal(await page.getByText("Offline").count(), 0);
  }));
