import { Header } from "./components/header";
import { Notice } from "./components/notice";
import { LedgerPage } from "./pages/ledger";
import { ListPage } from "./pages/list";
import { NewPage } from "./pages/new";
import { VerificationPage } from "./pages/verification";
import { WebhooksPage } from "./pages/webhooks";
import { route } from "./router";
import { connection, setup, trouble } from "./state";

/** The page. */
export function App() {
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <Header />
      <main id="main" tabIndex={-1}>
        <Trouble />
        {setup.value ? <Page /> : connection.value === "connecting" && <Loading />}
      </main>
    </>
  );
}

/** The address behind `#` is the route's: the link moves the focus by itself. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function Page() {
  const { value } = route;
  switch (value.name) {
    case "new":
      return <NewPage />;
    case "webhooks":
      return <WebhooksPage />;
    case "ledger":
      return <LedgerPage />;
    case "list":
      return (
        <div class="split">
          <ListPage />
          <div class="split-detail">
            <p class="empty">Choose a verification to see what happens to it.</p>
          </div>
        </div>
      );
    case "verification":
      return (
        <div class="split is-open">
          <ListPage />
          <VerificationPage key={value.id} id={value.id} />
        </div>
      );
  }
}

function Trouble() {
  if (connection.value === "locked") {
    return (
      <Notice kind="bad" title="This page was opened by another start">
        Open the address that the terminal shows: it ends in <code>#token=…</code>
      </Notice>
    );
  }
  if (connection.value === "offline") {
    return (
      <Notice kind="bad" title="Offline">
        {trouble.value} The page tries again by itself; what you see is the last that was known.
      </Notice>
    );
  }
  if (trouble.value) {
    return (
      <Notice kind="warn" title="Nothing new can be seen">
        {trouble.value}
      </Notice>
    );
  }
  return null;
}

function Loading() {
  return (
    <p class="empty" role="status">
      Loading…
    </p>
  );
}
