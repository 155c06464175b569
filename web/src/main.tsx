import { render } from "preact";
import { restore } from "./api/session.ts";
import { App } from "./app/app.tsx";
import { startPreferences } from "./app/preferences.ts";
import { startRouter } from "./app/router.ts";

const root = document.getElementById("app");
if (root) {
  startPreferences();
  startRouter();
  void restore();
  root.replaceChildren();
  render(<App />, root);
}
