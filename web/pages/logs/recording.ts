import { GatewayError } from "../../../src/core/errors.ts";
import { findRequest } from "../../../src/store/index.ts";
import { definePage } from "../../page.ts";
import { ButtonLink, Heading, html } from "../../ui/index.ts";
import { Bodies } from "./bodies.ts";

/** One recorded call; not each has a row in the log. */
export const recording = definePage({
  path: "/logs/recordings/:id",
  title: "recordings.one",
  under: "/logs",
  load: ({ engine, params }) => {
    const id = params["id"] ?? "";
    const found = engine.recorder.find(id);
    if (!found) throw new GatewayError("not_found", "Nothing is kept of this call.");
    return { found, isLogged: findRequest(engine.store, id) !== undefined };
  },
  view: ({ found, isLogged }, visit) => {
    const { say, show } = visit;
    const { id, at, request, outcome } = found;
    return html`
      ${Heading({
        title: html`<span class="font-mono break-all">${request.path}</span>`,
        lead: `${outcome.status} · ${show.dateTime(at)}`,
        back: { href: "/dashboard/logs/recordings", label: say("recordings.back") },
        ...(isLogged && {
          aside: ButtonLink({
            href: `/dashboard/logs/${encodeURIComponent(id)}`,
            label: say("recordings.request"),
            icon: "list",
          }),
        }),
      })}
      ${Bodies(visit, id, found)}
    `;
  },
});
