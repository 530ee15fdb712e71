/** Which part of the page is open: it stands behind `#` in the address, so that links lead to it. */

import { computed, signal } from "@preact/signals";

export type Route =
  | { name: "list" | "new" | "webhooks" | "ledger"; query: URLSearchParams }
  | { name: "verification"; id: string; query: URLSearchParams };

/** The route that an address names; the list for an unknown one. */
export function routeOf(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const query = new URLSearchParams(search);
  const [first, id] = path.split("/");
  if (first === "verifications" && id) {
    return { name: "verification", id: decoded(id), query };
  }
  if (first === "new" || first === "webhooks" || first === "ledger") {
    return { name: first, query };
  }
  return { name: "list", query };
}

export const route = signal<Route>(routeOf(location.hash));

/** Takes the route from the address, now and whenever it changes. */
export function followAddress(): void {
  const read = () => {
    route.value = routeOf(location.hash);
  };
  addEventListener("hashchange", () => {
    read();
    scrollTo(0, 0);
  });
  read();
}

/** The id of the verification that is open. */
export const openVerification = computed(() =>
  route.value.name === "verification" ? route.value.id : undefined,
);

/** The address of a verification; the list's filters stay. */
export function addressOf(id: string): string {
  const search = route.value.query.toString();
  return `#/verifications/${encodeURIComponent(id)}${search && `?${search}`}`;
}

/** Changes the list's filters; the route stays. An empty value takes a filter away. */
export function filterBy(changes: Record<string, string>): void {
  const query = new URLSearchParams(route.value.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value) {
      query.set(name, value);
    } else {
      query.delete(name);
    }
  }
  const search = query.toString();
  const path = location.hash.split("?", 1)[0] || "#/";
  history.replaceState(null, "", path + (search && `?${search}`));
  route.value = routeOf(location.hash);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
