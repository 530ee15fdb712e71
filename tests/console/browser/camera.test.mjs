import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, decided, sample, withPage } from "./support.mjs";

test("a photo of the camera is uploaded and passes", () =>
  withPage("/new", async (page) => {
    await page.getByRole("button", { name: "Take a photo" }).click();
    const dialog = page.getByRole("dialog", { name: "Take a photo" });
    await dialog.getByText("The camera is on.").waitFor();
    await dialog.getByRole("button", { name: "Take the photo" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByText(/image\/jpeg$/).waitFor();
    await ask(page);
    await decided(page, "passed");
  }));

test("a film of the camera is a file of the check, or the page says why there is none", () =>
  withPage("/new", async (page) => {
    await page.getByRole("radio", { name: /^silent/ }).check();
    const place = page.getByRole("region", { name: "video", exact: true });
    await place.getByRole("button", { name: "Record a film" }).click();
    const dialog = page.getByRole("dialog", { name: "Record a film" });
    await dialog.getByText("The camera is on.").waitFor();
    const recordsMp4 = await page.evaluate(() => MediaRecorder.isTypeSupported("video/mp4"));
    if (!recordsMp4) {
      await dialog.getByText("This browser records no MP4").waitFor();
      assert.ok(await dialog.getByRole("button", { name: /^Record/ }).isDisabled());
      return;
    }
    await dialog.getByRole("button", { name: /^Record/ }).click();
    await dialog.waitFor({ state: "detached" });
    await place.getByText(/video\/mp4$/).waitFor();
    await sample(page);
    await ask(page);
    await decided(page, "passed");
  }));

test("without a camera the page says so", () =>
  withPage("/new", async (page) => {
    await page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = () =>
        Promise.reject(new DOMException("none", "NotFoundError"));
    });
    await page.getByRole("button", { name: "Take a photo" }).click();
    await page.getByText("There is no camera here.").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
  }));

test("a film whose dialog was closed while it was recorded is no file of the check", () =>
  withPage("/new", async (page) => {
    // A browser that records another format than MP4 stands in for one that does.
    await page.evaluate(() => {
      globalThis.MediaRecorder = class extends MediaRecorder {
        static isTypeSupported() {
          return true;
        }
        constructor(stream) {
          super(stream);
          globalThis.recorded = new Promise((done) => this.addEventListener("stop", done));
        }
      };
    });
    await page.getByRole("radio", { name: /^silent/ }).check();
    const place = page.getByRole("region", { name: "video", exact: true });
    for (const end of ["Cancel", "the film's end"]) {
      await place.getByRole("button", { name: "Record a film" }).click();
      const dialog = page.getByRole("dialog", { name: "Record a film" });
      await dialog.getByText("The camera is on.").waitFor();
      await dialog.getByRole("button", { name: /^Record/ }).click();
      await dialog.getByText("Recording:").waitFor();
      if (end === "Cancel") {
        await dialog.getByRole("button", { name: "Cancel" }).click();
      }
      await dialog.waitFor({ state: "detached" });
      await page.evaluate(() => globalThis.recorded);
      if (end === "Cancel") {
        await page.waitForTimeout(300);
        assert.equal(await place.locator(".preview").count(), 0);
      } else {
        await place.locator(".preview").waitFor();
      }
    }
  }));
