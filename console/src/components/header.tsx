import { route } from "../router";
import { connection, setup } from "../state";
import { chooseTheme, THEMES, type Theme, theme } from "../theme";

/** What the page is about, the ways through it, and how it is connected. */
export function Header() {
  const about = setup.value;
  const { name } = route.value;
  return (
    <header class="header">
      <a class="brand" href="#/">
        <img src="/icon.svg" alt="" width="24" height="24" />
        liveproof <span class="brand-part">console</span>
      </a>
      <nav aria-label="Parts of the console">
        <Link href="#/" isHere={name === "list" || name === "verification"}>
          Verifications
        </Link>
        <Link href="#/webhooks" isHere={name === "webhooks"}>
          Webhooks
        </Link>
        {about?.local && (
          <Link href="#/ledger" isHere={name === "ledger"}>
            Vendor
          </Link>
        )}
        <Link href="#/new" isHere={name === "new"} isMain>
          New
        </Link>
      </nav>
      <div class="header-end">
        <ConnectionState />
        <label class="theme">
          <span class="visually-hidden">Theme</span>
          <select
            value={theme.value}
            onChange={(event) => chooseTheme(event.currentTarget.value as Theme)}
          >
            {THEMES.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
      </div>
    </header>
  );
}

function Link(properties: { href: string; isHere: boolean; isMain?: boolean; children: string }) {
  const { href, isHere, isMain, children } = properties;
  return (
    <a href={href} class={isMain ? "main-link" : undefined} aria-current={isHere ? "page" : undefined}>
      {children}
    </a>
  );
}

function ConnectionState() {
  const about = setup.value;
  const where = about?.local ? `local ${about.local.cloud === "aws" ? "AWS" : "Tencent Cloud"}` : "";
  return (
    <span class={`connection ${connection.value}`} role="status" title={about?.api}>
      <span class="dot" aria-hidden="true" />
      {connection.value}
      {where && <span class="connection-where"> · {where}</span>}
    </span>
  );
}
