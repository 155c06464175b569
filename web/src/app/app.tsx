/** The frame around every page, and which page is in it. */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { user } from "../api/session.ts";
import { Icon, Mark } from "../ui/icons.tsx";
import { Failure, Skeleton } from "../ui/parts.tsx";
import { Toasts } from "../ui/toast.tsx";
import { hideAmounts, prefer, theme } from "./preferences.ts";
import { match, navigate, path, visit } from "./router.ts";

type Params = Record<string, string>;
export type Page = ComponentType<{ params: Params }>;

interface Route {
  pattern: string;
  load: () => Promise<{ default: Page }>;
  /** Whom it is for: only who is signed in, only who is not, or everybody. */
  access: "private" | "signed-out" | "open";
}

const gate = () => import("../pages/gate.tsx");

const ROUTES: Route[] = [
  { pattern: "/", load: () => import("../pages/dashboard.tsx"), access: "private" },
  { pattern: "/sign-in", load: gate, access: "signed-out" },
  { pattern: "/register", load: gate, access: "signed-out" },
  { pattern: "/confirm", load: gate, access: "signed-out" },
  { pattern: "/forgot", load: gate, access: "signed-out" },
  { pattern: "/import", load: () => import("../pages/import.tsx"), access: "private" },
  { pattern: "/portfolios/:id", load: () => import("../pages/portfolio.tsx"), access: "private" },
  { pattern: "/portfolios/:id/import", load: () => import("../pages/import.tsx"), access: "private" },
  { pattern: "/portfolios/:id/rebalance", load: () => import("../pages/rebalance.tsx"), access: "private" },
  { pattern: "/compare", load: () => import("../pages/compare.tsx"), access: "private" },
  { pattern: "/market", load: () => import("../pages/market.tsx"), access: "private" },
  { pattern: "/market/:ticker", load: () => import("../pages/market.tsx"), access: "private" },
  { pattern: "/shared", load: () => import("../pages/shared.tsx"), access: "open" },
  { pattern: "/settings", load: () => import("../pages/settings.tsx"), access: "private" },
  { pattern: "/operations", load: () => import("../pages/operations.tsx"), access: "private" },
];

const NAVIGATION = [
  { href: "/", text: "Portfolios", icon: "folder", active: /^\/($|portfolios|import)/ },
  { href: "/compare", text: "Compare", icon: "compare", active: /^\/compare/ },
  { href: "/market", text: "Market", icon: "market", active: /^\/market/ },
  { href: "/settings", text: "Account", icon: "user", active: /^\/(settings|operations)/ },
] as const;

const loadedPages = new Map<Route["load"], Page>();

export function App() {
  const known = user.value !== undefined;
  const found = resolve(path.value);
  const target = known && found ? redirection(found.route) : null;

  useEffect(() => {
    if (target) navigate(target, { replace: true });
  }, [target]);

  const isGate = found?.route.load === gate;
  if (!known || target) return <Waiting />;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      {!isGate && <Bar />}
      <Content found={found} />
      {!isGate && <Foot />}
      <Toasts />
    </>
  );
}

function Waiting() {
  return (
    <header class="bar">
      <div class="bar-inner">
        <span class="brand">
          <Mark /> FolioLens
        </span>
      </div>
    </header>
  );
}

function Content({ found }: { found: Found | null }) {
  const page = usePage(found?.route ?? null);
  useEffect(() => announce(), [visit.value, page.shown]);
  if (found?.route.load === gate && page.shown) return <page.shown key={path.value} params={found.params} />;
  return (
    <main id="main" class="container">
      {!found ? (
        <Missing />
      ) : page.error ? (
        <Failure error={page.error} retry={() => location.reload()} />
      ) : page.shown ? (
        <page.shown key={path.value} params={found.params} />
      ) : (
        <Skeleton tall />
      )}
    </main>
  );
}

function Missing() {
  return (
    <div class="empty">
      <h1 tabIndex={-1}>There is no such page</h1>
      <p>The address may be mistyped, or the page has moved.</p>
      <a class="button primary" href="/">
        Go to your portfolios
      </a>
    </div>
  );
}

function Bar() {
  return (
    <header class="bar">
      <div class="bar-inner">
        <a class="brand" href="/">
          <Mark /> FolioLens
        </a>
        {user.value && (
          <nav class="nav" aria-label="Main">
            {NAVIGATION.map(({ href, text, icon, active }) => (
              <a key={href} href={href} aria-current={active.test(path.value) ? "page" : undefined}>
                <Icon name={icon} />
                {text}
              </a>
            ))}
          </nav>
        )}
        <div class="tools">
          <button
            type="button"
            class="icon-button"
            aria-pressed={hideAmounts.value}
            aria-label="Hide amounts"
            title={hideAmounts.value ? "Show amounts" : "Hide amounts"}
            onClick={() => prefer({ hideAmounts: !hideAmounts.value })}
          >
            <Icon name={hideAmounts.value ? "eyeOff" : "eye"} />
          </button>
          <ThemeButton />
        </div>
      </div>
    </header>
  );
}

function ThemeButton() {
  const dark =
    theme.value === "system" ? matchMedia("(prefers-color-scheme: dark)").matches : theme.value === "dark";
  const other = dark ? "light" : "dark";
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={`Use ${other} colours`}
      title={`Use ${other} colours`}
      onClick={() => prefer({ theme: other })}
    >
      <Icon name={dark ? "sun" : "moon"} />
    </button>
  );
}

function Foot() {
  return (
    <footer class={`container foot ${user.value ? "" : "alone"}`}>
      <p>FolioLens gives information, not advice.</p>
    </footer>
  );
}

interface Found {
  route: Route;
  params: Params;
}

function resolve(actual: string): Found | null {
  for (const route of ROUTES) {
    const params = match(route.pattern, actual);
    if (params) return { route, params };
  }
  return null;
}

/** Where somebody who may not see a page, or need not, is sent. */
function redirection(route: Route): string | null {
  if (route.access === "private" && !user.value) {
    const back = location.pathname + location.search;
    return back === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(back)}`;
  }
  if (route.access === "signed-out" && user.value) return afterSignIn();
  return null;
}

/** The page that was asked for before signing in: one of ours, or the first. */
function afterSignIn(): string {
  const next = new URLSearchParams(location.search).get("next") ?? "/";
  return next.startsWith("/") && !next.startsWith("//") ? next : "/";
}

function usePage(route: Route | null): { shown: Page | undefined; error: Error | undefined } {
  const [, redraw] = useState(0);
  const [error, setError] = useState<Error>();
  const load = route?.load;
  useEffect(() => {
    setError(undefined);
    if (!load || loadedPages.has(load)) return;
    load()
      .then((module) => {
        loadedPages.set(load, module.default);
        redraw((drawn) => drawn + 1);
      })
      .catch(() => setError(new Error("This part of FolioLens could not be loaded. Check your connection.")));
  }, [load]);
  return { shown: load && loadedPages.get(load), error };
}

/** After a change of page: its title is the window's, and reading goes on at its heading. */
function announce(): void {
  const heading = document.querySelector("h1");
  document.title = heading?.textContent ? `${heading.textContent} · FolioLens` : "FolioLens";
  if (visit.value) heading?.focus({ preventScroll: true });
}
