// The page of index.html.
import { explain, verify } from "./app.js";

const [input, bar, text] = ["input", "progress", "p"].map((name) => document.querySelector(name));

input.addEventListener("change", async () => {
  bar.hidden = false;
  const onProgress = (_, { loaded, total }) => {
    bar.value = loaded / total;
  };
  try {
    await verify(input.files[0], { onProgress });
    text.textContent = "Thank you. We are checking your photo.";
  } catch (error) {
    text.textContent = explain(error);
  } finally {
    bar.hidden = true;
  }
});
