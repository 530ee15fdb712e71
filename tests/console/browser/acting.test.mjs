import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { ask, decided, decision, photo, drop, withPage } from "./support.mjs";

/** A decided verification with a reference of its own. */
async function made(page, reference) {
  await page.evaluate(() => {
    location.hash = "/new";
  });
  await drop(page, "image", "me.jpg", "image/jpeg", photo());
  await page.getByRole("textbox", { name: /^Reference/ }).fill(reference);
  const id = await ask(page);
  await decided(page, "passed");
  await page.getByText("Webhook 1.1: 204").waitFor();
  return id;
}

test("a webhook is sent again, shows its headers and body, and goes on to a URL of one's own", () =>
  withPage("/", async (page) => {
    const arrived = [];
    const own = createServer((request, response) => {
      let body = "";
      request.on("data", (piece) => (body += piece));
      request.on("end", () => {
        arrived.push(body);
        response.writeHead(204).end();
      });
    });
    await new Promise((done) => own.listen(0, "127.0.0.1", done));
    const url = `http://127.0.0.1:${own.address().port}/hook`;
    try {
      await page.getByRole("link", { name: "Webhooks" }).click();
      const endpoint = page.getByRole("region", { name: "Endpoint of demo" });
      await endpoint.getByLabel("Send to my URL as well").fill(url);
      await endpoint.getByRole("button", { name: "Send there" }).click();
      await endpoint.getByText(`Webhooks go on to ${url}`).waitFor();
      const id = await made(page, "sent again");
      await page.getByRole("button", { name: "Send webhook again" }).click();
      await page.getByText("Webhook 2.1: 204").waitFor();
      assert.equal(arrived.filter((body) => body.includes(id)).length, 2);
      // The record may say that it was sent before the list has it.
      const second = page.locator("details.webhook").nth(1);
      await second.locator("summary").click();
      assert.match(await second.getByRole("region", { name: "Headers" }).innerText(), /webhook-signature: v1/);
      assert.ok((await second.getByRole("region", { name: "Body" }).innerText()).includes(id));
    } finally {
      await page.getByRole("link", { name: "Webhooks" }).click();
      await page.getByRole("region", { name: "Endpoint of demo" }).getByRole("button", { name: "Stop" }).click();
      await page.getByText("The local receiver answers by itself.").first().waitFor();
      own.closeAllConnections();
      own.close();
    }
  }));

test("a verification is found by its reference, opened by its link, and erased", () =>
  withPage("/", async (page, context) => {
    const reference = `order ${crypto.randomUUID()}`;
    const id = await made(page, reference);
    await page.getByRole("link", { name: "Verifications", exact: true }).click();
    await page.getByRole("searchbox").fill(reference);
    await page.getByRole("button", { name: "Search" }).click();
    await page.locator(".row").nth(1).waitFor({ state: "detached" });
    assert.equal(await page.locator(".row").count(), 1);
    assert.ok((await page.locator(".row").innerText()).includes(id));

    const other = await context.newPage();
    await other.goto(page.url().split("#")[0] + `#/verifications/${id}`);
    await decided(other, "passed");
    await other.getByRole("button", { name: "Erase…" }).click();
    const dialog = other.getByRole("dialog", { name: "Erase this verification?" });
    await dialog.getByRole("button", { name: "Keep it" }).click();
    assert.match(await decision(other).innerText(), /passed/);
    await other.getByRole("button", { name: "Erase…" }).click();
    await dialog.getByRole("button", { name: "Erase", exact: true }).click();
    await decided(other, "erased");
    await other.getByText("Files deleted").waitFor();
    // The receiver's own webhooks are not liveproof's to erase.
    await other.locator(".facts").filter({ hasNotText: reference }).waitFor();
    assert.equal(await other.locator(".row").filter({ hasText: reference }).count(), 0);
  }));

test("an answer that the erasure overtook does not take it back on the page", () =>
  withPage("/", async (page) => {
    await made(page, "erased before the answer");
    let overtook = false;
    await page.route("**/v1/verifications/*", async (route) => {
      const answer = await route.fetch();
      await decided(page, "erased");
      overtook = true;
      await route.fulfill({ response: answer });
    });
    await page.getByRole("button", { name: "Erase…" }).click();
    const dialog = page.getByRole("dialog", { name: "Erase this verification?" });
    const answered = page.waitForResponse((response) => response.request().method() === "DELETE");
    await dialog.getByRole("button", { name: "Erase", exact: true }).click();
    const { status } = await (await answered).json();
    assert.ok(overtook);
    assert.equal(status, "erasing");
    await page.getByText("Files deleted").waitFor();
    assert.match(await decision(page).innerText(), /erased/);
  }));

test("a fault that is queued is met by the next call, which the ledger shows", () =>
  withPage("/ledger", async (page) => {
    await page.getByRole("combobox", { name: "Action", exact: true }).selectOption("DetectLiveFaceAccurate");
    await page.getByRole("combobox", { name: "Fault or outcome" }).selectOption("internal-error");
    await page.getByRole("button", { name: "Queue the fault" }).click();
    await page.getByText("The next call of DetectLiveFaceAccurate will meet").waitFor();
    await made(page, "after a fault");
    await page.getByRole("link", { name: "Vendor" }).click();
    const row = page.getByRole("row").filter({ hasText: "internal-error" }).first();
    await row.waitFor();
    const bill = page.locator(".bills li").filter({ hasText: "DetectLiveFaceAccurate" });
    await bill.getByLabel("price of a call").fill("0.25");
    await bill.getByLabel("price of a call").press("Tab");
    await bill.getByText(/^\d+\.\d{4}$/).waitFor();
  }));

test("an erasure stops the uploads of this page", () =>
  withPage("/new", async (page) => {
    await drop(page, "image", "me.jpg", "image/jpeg", photo());
    const origin = new URL(page.url()).origin;
    let began;
    const sending = new Promise((resolve) => {
      began = resolve;
    });
    // The bucket takes a long time.
    await page.route(
      (url) => url.origin !== origin,
      (route) => began(route.request()),
    );
    await ask(page);
    const upload = await sending;
    assert.equal(upload.method(), "PUT");
    const stopped = page.waitForEvent("requestfailed", (request) => request === upload);
    await page.getByRole("button", { name: "Erase…" }).click();
    const dialog = page.getByRole("dialog", { name: "Erase this verification?" });
    await dialog.getByRole("button", { name: "Erase", exact: true }).click();
    await stopped;
    await decided(page, "erased");
  }));
