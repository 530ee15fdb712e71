// One verification from Node.js, from the file to the decision.
//
// LIVEPROOF_API=... LIVEPROOF_API_KEY=... node upload.mjs photo.jpg
import { Liveproof } from "@liveproof/client";
import { describeFile, uploadFiles } from "@liveproof/client/upload";
import { openFile } from "@liveproof/client/upload/node";

const { LIVEPROOF_API, LIVEPROOF_API_KEY } = process.env;
const liveproof = new Liveproof({ url: LIVEPROOF_API, apiKey: LIVEPROOF_API_KEY });

const photo = await openFile(process.argv[2], "image/jpeg");
const image = await describeFile(photo);
const created = await liveproof.create({ check: "photo", inputs: { image } });
await uploadFiles({ image: photo }, created, {
  renew: () => liveproof.renewUploads(created.id),
  confirm: async (input) => (await liveproof.get(created.id)).inputs[input].state,
});
const { decision, reason } = await liveproof.waitForDecision(created.id);
console.log(decision, reason?.code);
