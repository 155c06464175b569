/** Which page is shown: the path as a signal, links that change it, and what the pages are. */

import { signal } from "@preact/signals";

export const path = signal(location.pathname);

/** Counts changes of page, so that the page can be told from the same page visited again. */
export const visit = signal(0);

/** Go to another page of the app. */
export function navigate(target: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", target);
  else history.pushState(null, "", target);
  arrived();
  scrollTo(0, 0);
}

/** Begin to listen to the browser and to clicks on links. */
export function startRouter(): void {
  addEventListener("popstate", arrived);
  document.addEventListener("click", (event) => {
    if (
      event.defaultPrevented ||
      event.button ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const link = (event.target as Element).closest("a");
    if (!link || link.target || link.origin !== location.origin || link.hasAttribute("download")) return;
    if (link.hash && link.pathname === location.pathname) return;
    if (link.pathname.startsWith("/docs")) return;
    event.preventDefault();
    navigate(link.pathname + link.search + link.hash);
  });
}

function arrived(): void {
  path.value = location.pathname;
  visit.value++;
}

/** The values of a pattern such as `/portfolios/:id` in a path; null where it does not match. */
export function match(pattern: string, actual: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = actual.replace(/\/+$/, "").split("/");
  if (actual === "/" && pattern === "/") return {};
  if (wanted.length !== given.length) return null;
  const values: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (part.startsWith(":")) values[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return null;
  }
  return values;
}
