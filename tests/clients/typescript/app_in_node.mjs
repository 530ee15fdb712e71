// The example of an app with the elements of a page played: node app_in_node.mjs SERVER PHOTO
import { openFile } from "@liveproof/client/upload/node";
import { connect, explain, verify } from "./app.js";

const [server, path] = process.argv.slice(2);
const input = Object.assign(new EventTarget(), { files: [await openFile(path, "image/jpeg")] });
const progress = {};
const text = await new Promise((resolve) => {
  const shown = {
    set textContent(words) {
      resolve(words);
    },
  };
  connect(input, progress, shown, { server });
  input.dispatchEvent(new Event("change"));
});
const heic = await verify(new Blob(["x"], { type: "image/heic" }), { server }).catch(explain);
console.log(JSON.stringify({ text, progress: progress.value, heic }));
