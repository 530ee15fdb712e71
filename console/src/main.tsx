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
followAddress();
void listen();
const place = document.getElementById("app");
if (place) {
  render(<App />, place);
}
