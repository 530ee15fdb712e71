import { render } from "preact";
import { App } from "./app";
import { followAddress } from "./router";
import { keepToken } from "./server";
import { listen } from "./state";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/components.css";
import "./styles/forms.css";
import { applyTheme } from "./theme";

applyTheme();
keepToken();
// The next start's address may be opened in this tab, where only the part behind `#` is new. What
// the page knows is of the start before, and perhaps of another deployment.
addEventListener("hashchange", () => {
  if (keepToken()) {
    location.reload();
  }
});
followAddress();
void listen();
const place = document.getElementById("app");
if (place) {
  render(<App />, place);
}
