import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, decided, decision, findings, sample, site, withPage } from "./support.mjs";

const WIDTHS = [390, 768, 1280, 1920];

async function sampled(page) {
  await sample(page);
  const id = await ask(page);
  await decided(page, "passed");
  await page.getByText("Webhook 1.1: 204").waitFor();
  return id;
}

/** Whether an element is in sight, whole. */
async function isInSight(locator) {
  const box = await locator.boundingBox();
  const { width, height } = locator.page().viewportSize();
  return (
    box !== null && box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height
  );
}

test("the decision is in sight at every width, in the list and while a verification scrolls", () =>
  withPage("/new", async (page) => {
    const id = await sampled(page);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `the page is wider than ${width}`);
      await page.getByText("TypeScript", { exact: true }).scrollIntoViewIfNeeded();
      assert.ok(await isInSight(decision(page)), `head at ${width}`);
      await page.evaluate(() => {
        location.hash = "/";
      });
      const row = page.locator(`.row[href*="${id}"]`);
      await row.scrollIntoViewIfNeeded();
      assert.ok(await isInSight(row.locator(".pill")), `row at ${width}`);
      assert.ok(await isInSight(row.locator(".webhook-state")), `webhook at ${width}`);
      await row.click();
      await decision(page).waitFor();
    }
  }));

test("axe finds nothing, in light and dark, wide and narrow", () =>
  withPage("/new", async (page) => {
    await sampled(page);
    const opened = new URL(page.url()).hash.slice(1);
    for (const [colorScheme, width] of [
      ["light", 1280],
      ["dark", 390],
    ]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize({ width, height: 900 });
      for (const path of [opened, "/", "/new", "/webhooks", "/ledger"]) {
        await page.evaluate((hash) => {
          location.hash = hash;
        }, path);
        await page.getByRole("heading", { level: 1 }).first().waitFor();
        assert.deepEqual(await findings(page), [], `${path}, ${colorScheme}, ${width}`);
      }
    }
  }));

test("the theme is the system's until a person chooses", () =>
  withPage(
    "/",
    async (page) => {
      const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const dark = await ground();
      await page.getByLabel("Theme").selectOption("light");
      const light = await ground();
      assert.notEqual(light, dark);
      await page.reload();
      await page.getByRole("heading", { level: 1 }).first().waitFor();
      assert.equal(await ground(), light);
      await page.getByLabel("Theme").selectOption("system");
      assert.equal(await ground(), dark);
    },
    { colorScheme: "dark" },
  ));

test("everything is reached by the keyboard, and the focus is seen and kept", () =>
  withPage("/new", async (page) => {
    await page.getByRole("heading", { name: "New verification" }).waitFor();
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement?.textContent?.trim()), "Skip to the content");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement?.value), "photo");
    for (const wanted of ["Choose a file", "Take a photo", "Use a sample"]) {
      await page.keyboard.press("Tab");
      const name = await page.evaluate(() => {
        const { activeElement } = document;
        return (activeElement?.closest("label") ?? activeElement)?.textContent ?? "";
      });
      assert.ok(name.startsWith(wanted), `${name} instead of ${wanted}`);
    }
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.equal(outline, "solid");
    await page.keyboard.press("Enter");
    await page.locator(".preview").waitFor();
    await page.getByLabel("Scenario").focus();
    await page.getByRole("button", { name: "Ask and upload" }).press("Enter");
    await decided(page, "passed");
    await page.getByRole("button", { name: "Erase…" }).press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Erase…");
    const row = page.locator(".row").first();
    await row.focus();
    await page.keyboard.press("Enter");
    await decision(page).waitFor();
  }));

/** A page of verifications as the API lists them. */
function listed(decision) {
  const at = new Date().toISOString();
  return Array.from({ length: 50 }, (_, index) => ({
    id: `ver_0${String(index).padStart(25, "0")}`,
    check: "photo",
    status: "decided",
    decision,
    reference: null,
    created_at: at,
    delivery: null,
    client: "demo",
  }));
}

test("older ones of another decision begin at its newest, not where the last decision ended", () =>
  withPage("/?decision=passed", async (page) => {
    const events = `event: verifications\ndata: ${JSON.stringify(listed("passed"))}\n\n`;
    await page.route("**/api/events*", (route) =>
      route.fulfill({ contentType: "text/event-stream", body: events }),
    );
    const asked = [];
    await page.route("**/v1/verifications?*", (route) => {
      asked.push(new URL(route.request().url()).search);
      return route.fulfill({ json: { verifications: listed("passed"), next_cursor: "passed-50" } });
    });
    await page.reload();
    const older = page.getByRole("button", { name: "Older ones" });
    for (const [decision, query] of [
      ["passed", "?limit=50&decision=passed"],
      ["rejected", "?limit=50&decision=rejected"],
    ]) {
      await page.getByLabel("Decision").selectOption(decision);
      asked.length = 0;
      await older.click();
      await older.and(page.locator(":enabled")).filter({ hasText: "Older ones" }).waitFor();
      // Of each client. All of them are known, so the next page is asked for as well.
      assert.deepEqual([...new Set(asked)], [query, `${query}&cursor=passed-50`]);
    }
  }));

test("a space in the threshold's field is not the threshold 0, which passes everybody", () =>
  withPage("/new", async (page) => {
    await page.getByText("Metadata, consent, threshold, expiry").click();
    const request = page.getByRole("region", { name: "The request as curl" });
    await page.getByText("The request as curl, Python, TypeScript").click();
    for (const [typed, sent] of [
      [" ", '" "'],
      ["Infinity", '"Infinity"'],
      [" 40 ", "40"],
    ]) {
      await page.getByRole("textbox", { name: "Threshold" }).fill(typed);
      await request.filter({ hasText: `"threshold": ${sent}` }).waitFor();
    }
  }));

test("a search for an id says why it found nothing, if the API could not be asked", () =>
  withPage("/", async (page) => {
    await page.getByRole("button", { name: "Search" }).waitFor();
    await page.route("**/v1/verifications/ver_*", (route) =>
      route.fulfill({ status: 503, json: { detail: "a secret cannot be used", code: "not_configured" } }),
    );
    const id = `ver_${"0".repeat(26)}`;
    await page.getByRole("searchbox").fill(id);
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByText("a secret cannot be used").waitFor();
    await page.unrouteAll({ behavior: "wait" });
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByText("a secret cannot be used").waitFor({ state: "detached" });
    await page.getByText("No verification fits.").waitFor();
  }));

test("older verifications come with the first click, and each click brings some", () =>
  withPage("/new", async (page) => {
    const id = await sampled(page);
    const answer = await page.request.get(new URL(`/api/clients/demo/v1/verifications/${id}`, page.url()).href, {
      headers: { "X-Console-Token": site.console.split("#token=")[1] },
    });
    const view = { ...(await answer.json()), client: "demo" };
    // Newest first: 60 that the server looks at by itself, in part, and those behind them.
    const all = Array.from({ length: 120 }, (_, number) => ({
      ...view,
      id: `ver_${String(120 - number).padStart(26, "0")}`,
    }));
    const told = `event: verifications\ndata: ${JSON.stringify(all.slice(0, 50))}\n\n`;
    await page.route("**/api/events*", (route) =>
      route.fulfill({ contentType: "text/event-stream", body: told }),
    );
    await page.route("**/v1/verifications?*", (route) => {
      const query = new URL(route.request().url()).searchParams;
      const from = Number(query.get("cursor") ?? 0);
      const until = from + Number(query.get("limit"));
      return route.fulfill({
        json: {
          verifications: all.slice(from, until),
          next_cursor: until < all.length ? String(until) : null,
        },
      });
    });
    await page.goto(new URL("/#/", page.url()).href);
    await page.reload();
    const rows = page.locator(".row");
    await rows.nth(49).waitFor();
    assert.equal(await rows.count(), 50);
    for (const count of [100, 120]) {
      await page.getByRole("button", { name: "Older ones" }).click();
      await rows.nth(count - 1).waitFor();
    }
    assert.equal(await rows.count(), 120);
    await page.getByRole("button", { name: "Older ones" }).waitFor({ state: "detached" });
  }));
