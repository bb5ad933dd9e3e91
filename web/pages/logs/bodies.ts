import { type Recording, whyUnplayable } from "../../../src/recorder/index.ts";
import { Button, ButtonLink, Card, CodeBlock, Form, html, type Markup } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { formText } from "./form-text.ts";

/** More of a body than this is only in the file. */
const MOST_SHOWN = 20_000;
/** How many calls to come are recorded when somebody asks for it here. */
export const RECORD_NEXT = 5;

type Body = Recording["request"]["body"];

/** What went over the wire on both sides, where it was recorded; else how to have it recorded. */
export function Bodies(visit: Visit, id: string, recording: Recording | undefined): Markup {
  const { say, engine } = visit;
  if (!recording) {
    const { next } = engine.recorder;
    return Card({
      title: say("bodies.title"),
      children: html`<div class="space-y-3">
        <p class="text-muted">${say(next > 0 ? "bodies.waiting" : "bodies.none", { count: next })}</p>
        ${
          next === 0 &&
          Form({
            visit,
            action: "record",
            children: () => Button({ label: say("bodies.record", { count: RECORD_NEXT }) }),
          })
        }
      </div>`,
    });
  }
  const { request, exchanges, answer } = recording;
  const why = whyUnplayable(recording);
  return Card({
    title: say("bodies.title"),
    lead: say("bodies.lead"),
    aside: ButtonLink({
      href: `/api/recordings/${encodeURIComponent(id)}`,
      label: say("bodies.download"),
      icon: "down",
    }),
    children: html`<div class="space-y-3">
      ${why !== undefined && html`<p class="text-muted">${say("bodies.unplayable")} <span lang="en">${why}</span></p>`}
      ${Piece(visit, say("bodies.client.request"), request)}
      ${exchanges.map((exchange, index) => {
        const number = index + 1;
        return html`${Piece(visit, say("bodies.provider.request", { number }), exchange, exchange.url)}
        ${exchange.answer && Piece(visit, say("bodies.provider.answer", { number, status: exchange.answer.status }), exchange.answer)}
        ${exchange.fault && html`<p class="text-bad break-words" lang="en">${exchange.fault.message}</p>`}`;
      })}
      ${answer && Piece(visit, say("bodies.client.answer"), answer)}
    </div>`,
  });
}

type Message = { body: Body; headers: { [name: string]: string } };

function Piece(visit: Visit, title: string, { body, headers }: Message, name = ""): Markup {
  const { say, show } = visit;
  const form = formText(Buffer.from(body.data, body.encoding), headers["content-type"], show.bytes);
  const text = form ?? (body.encoding === "utf8" ? laidOut(body.data) : say("bodies.bytes"));
  const shown = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
  return html`<details class="more">
    <summary>
      ${title}
      <span class="text-muted">${show.bytes(body.size)}${!body.whole && `, ${say("bodies.cut")}`}</span>
    </summary>
    <div class="mt-2">${CodeBlock(visit, shown, name)}</div>
  </details>`;
}

/** JSON on several lines, anything else as it came. */
function laidOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
