import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { ask, decided, drop, photo, sample, site, withPage } from "./support.mjs";

const HOSTILE = `<img src=x onerror=alert(1)>"'\`\${1}</script>\u202Eabc`;

test("a dropped photo is uploaded, passes, and its webhook is verified", () =>
  withPage("/new", async (page) => {
    await drop(page, "image", "me.jpg", "image/jpeg", photo());
    await page.getByRole("textbox", { name: /^Reference/ }).fill(HOSTILE);
    await page.getByText("The request as curl, Python, TypeScript").click();
    for (const language of ["curl", "Python", "TypeScript"]) {
      await page.getByRole("radio", { name: language }).check({ force: true });
      const snippet = await page.getByRole("region", { name: `The request as ${language}` }).innerText();
      assert.ok(snippet.includes("LIVEPROOF_API_KEY"));
      assert.ok(!snippet.includes("lp_"));
      // test_browser.py runs them.
      writeFileSync(`${site.snippets}/${language}`, snippet);
    }
    await ask(page);
    await decided(page, "passed");
    await page.getByText("image: bytes proven").waitFor();
    await page.getByText("✓ verified (v1, v1a)").waitFor();
    await page.getByText("Webhook 1.1: 204").waitFor();
    // What a client says is text: as often as it is shown, and never an element.
    assert.ok((await page.getByText(HOSTILE, { exact: true }).count()) >= 2);
    assert.equal(await page.locator("img[src=x]").count(), 0);
  }));

test("an upload that the bucket refuses says why, and the right bytes pass", () =>
  withPage("/new", async (page) => {
    await sample(page);
    await page.getByRole("checkbox", { name: /Send other bytes/ }).check();
    await ask(page);
    const refusal = page.getByRole("alert").filter({ hasText: "The bucket refused the bytes" });
    await refusal.waitFor();
    assert.match(await refusal.innerText(), /400 BadDigest/);
    await page.getByRole("button", { name: "Send the right bytes" }).click();
    await decided(page, "passed");
  }));

test("a scenario of the emulator rejects, and the reason is shown", () =>
  withPage("/new", async (page) => {
    await sample(page);
    await page.getByLabel("Scenario").selectOption("photographed");
    await ask(page);
    await decided(page, "rejected");
    await page.locator(".reason").filter({ hasText: "liveness_below_threshold" }).waitFor();
  }));

test("two files of another check are sent side by side", () =>
  withPage("/new", async (page) => {
    await page.getByRole("radio", { name: /^reflect/ }).check();
    for (const input of ["live data", "image"]) {
      await sample(page, input);
    }
    await ask(page);
    await decided(page, "passed");
    await page.getByText("live data: bytes proven").waitFor();
  }));

test("a file of another kind, and a missing one, are refused before anything is asked", () =>
  withPage("/new", async (page) => {
    await page.getByRole("button", { name: "Ask and upload" }).click();
    await page.getByText("Choose a file.", { exact: true }).waitFor();
    await drop(page, "image", "notes.txt", "text/plain", Buffer.from("no photo"));
    await page.getByRole("button", { name: "Ask and upload" }).click();
    await page.getByText(/text\/plain is not accepted/).waitFor();
  }));

test("a sample that comes late replaces no file that was chosen meanwhile", () =>
  withPage("/new", async (page) => {
    let answer;
    const asked = new Promise((resolve) => {
      answer = resolve;
    });
    await page.route("**/api/local/samples/**", async (route) => {
      const response = await route.fetch();
      await asked;
      await route.fulfill({ response });
    });
    const place = page.getByRole("region", { name: "image", exact: true });
    await place.getByRole("button", { name: "Use a sample" }).click();
    await drop(page, "image", "mine.jpg", "image/jpeg", photo());
    await place.getByText("mine.jpg").waitFor();
    const late = page.waitForResponse("**/api/local/samples/**");
    answer();
    await (await late).finished();
    await page.waitForTimeout(300);
    assert.match(await place.locator("figcaption").innerText(), /mine\.jpg/);
    await sample(page);
    await page.unrouteAll({ behavior: "wait" });
  }));

test("a request whose answer was lost is asked again as it is, and as a new one once it was changed", () =>
  withPage("/new", async (page) => {
    await drop(page, "image", "me.jpg", "image/jpeg", photo());
    await page.getByText("Metadata, consent, threshold, expiry").click();
    await page.getByRole("button", { name: "Add a pair" }).click();
    await page.getByRole("textbox", { name: "Name 1" }).fill("shop");
    await page.getByRole("textbox", { name: "Value 1" }).fill("7");
    const keys = [];
    await page.route("**/v1/verifications", async (route) => {
      keys.push(route.request().headers()["idempotency-key"]);
      await route.fetch();
      await route.abort();
    });
    for (let count = 0; count < 2; count++) {
      await page.getByRole("button", { name: "Ask and upload" }).click();
      await page.getByText("The console's server does not answer.").first().waitFor();
      await page.waitForFunction(() => !document.querySelector("button.primary[disabled]"));
    }
    assert.equal(keys.length, 2);
    assert.equal(keys[0], keys[1]);
    await page.unrouteAll({ behavior: "wait" });
    await page.getByRole("button", { name: "Remove shop" }).click();
    await ask(page);
    await decided(page, "passed");
  }));
