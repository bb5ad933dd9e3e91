import type { Assets } from "../server/assets.ts";
import type { Visit } from "../visit.ts";
import { html, type Markup, render } from "./html.ts";

/**
 * A whole page as text. Its referrer rule stands beside the stricter one of the header because forms of a page that
 * names no referrer at all are sent with `Origin: null`, and then nobody can tell them from foreign ones.
 */
export function writeDocument(
  { language, theme, say }: Pick<Visit, "language" | "theme" | "say">,
  assets: Assets,
  { title, body }: { title: string; body: Markup },
): string {
  const page = html`<html lang=${language} data-theme=${theme}>
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="referrer" content="same-origin" />
      <meta name="robots" content="noindex, nofollow" />
      <meta name="color-scheme" content="light dark" />
      <meta name="theme-color" media="(prefers-color-scheme: light)" content="#f8fafa" />
      <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#0e1417" />
      <title>${title} · OmniRoute</title>
      <link rel="stylesheet" href=${assets.url("app.css")} />
      <link rel="icon" href=${assets.url("icon.svg")} type="image/svg+xml" />
      <link rel="apple-touch-icon" href=${assets.url("icon-192.png")} />
      <link rel="manifest" href=${assets.url("app.webmanifest")} />
      <script type="module" src=${assets.url("main.js")}></script>
    </head>
    <body
      data-words=${JSON.stringify({ copied: say("copy.done"), lost: say("live.lost"), back: say("live.back") })}
    >
      ${body}
    </body>
  </html>`;
  return `<!doctype html>${render(page)}`;
}
