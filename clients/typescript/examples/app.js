// The app, in a browser: it has no API key. `server` is the address of your own server.
import { UploadError, describeFile, uploadFiles } from "@liveproof/client/upload";

// What the check `photo` takes.
const LIMITS = { contentTypes: ["image/jpeg", "image/png", "image/bmp"], maxBytes: 3_932_160 };

/** Uploads a photo, such as the File of an <input type="file">. Returns the verification's id. */
export async function verify(photo, { server = "", signal, onProgress } = {}) {
  const image = await describeFile(photo, { ...LIMITS, signal });
  const { id, uploads } = await ask("POST", "/verifications", { inputs: { image } });
  const options = {
    signal,
    onProgress: (input, { loaded, total }) => onProgress?.(loaded / total),
    renew: () => ask("POST", `/verifications/uploads?id=${id}`),
    confirm: async (input) => (await ask("GET", `/verifications?id=${id}`)).inputs[input].state,
  };
  await uploadFiles({ image: photo }, { uploads }, options);
  return id;

  async function ask(method, path, body) {
    const sent = { method, signal, body: body && JSON.stringify(body) };
    const response = await fetch(server + path, sent);
    const answer = await response.json();
    if (!response.ok) {
      throw new Error(answer.code);
    }
    return answer;
  }
}

/** What the person reads when `verify` fails. */
export function explain(error) {
  switch (error instanceof UploadError && error.code) {
    case "content_type_not_accepted":
    case "file_empty":
    case "file_too_large":
      return "Please choose a JPEG or PNG of less than 3.75 MiB.";
    case "file_changed":
    case "file_unreadable":
      return "The file has changed. Please choose the file again.";
    case "network":
      return "There is no connection. Please try again.";
    default:
      return "This does not work just now. Please try again later.";
  }
}

/** Uploads what the person chooses. For a page with these three elements. */
export function connect(input, progress, text, options) {
  input.addEventListener("change", async () => {
    const onProgress = (part) => {
      progress.value = part;
    };
    try {
      await verify(input.files[0], { ...options, onProgress });
      text.textContent = "Thank you. We are checking your photo.";
    } catch (error) {
      text.textContent = explain(error);
    }
  });
}
