// The app, in a browser: it has no API key. `server` is the address of your own server.
import { UploadError, describeFile, uploadFiles } from "@liveproof/client/upload";

const LIMITS = {
  contentTypes: ["image/jpeg", "image/png", "image/bmp"],
  maxBytes: 3_932_160,
};

/** Uploads a photo (a File, for example of an <input type="file">); the verification's id. */
export async function verify(photo, { server = "", signal, onProgress } = {}) {
  const image = await describeFile(photo, { ...LIMITS, signal });
  const { id, uploads } = await ask("POST", "/verifications", { inputs: { image } });
  await uploadFiles({ image: photo }, { uploads }, {
    signal,
    onProgress,
    renew: () => ask("POST", `/verifications/uploads?id=${id}`),
    confirm: async (input) => (await ask("GET", `/verifications?id=${id}`)).inputs[input].state,
  });
  return id;

  async function ask(method, path, body) {
    const response = await fetch(server + path, {
      method,
      signal,
      body: body && JSON.stringify(body),
    });
    if (!response.ok) {
      throw new Error((await response.json()).code);
    }
    return response.json();
  }
}

/** What the person reads when `verify` fails. */
export function explain(error) {
  if (!(error instanceof UploadError)) {
    return "This does not work just now. Please try again later.";
  }
  switch (error.code) {
    case "aborted":
      return "";
    case "content_type_not_accepted":
    case "file_too_large":
    case "file_empty":
      return "Please choose a JPEG or PNG with less than 3.75 MiB.";
    case "file_changed":
    case "file_unreadable":
      return "The file has changed. Please choose the file again.";
    case "network":
      return "There is no connection. Please try again.";
    default:
      return "The upload failed. Please try again.";
  }
}
