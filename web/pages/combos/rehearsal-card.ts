import type { ComboEntry } from "../../../src/core/combo.ts";
import {
  FAULT_KINDS,
  type Rehearsal,
  type RehearsalInput,
  type RehearsedRequest,
} from "../../../src/engine.ts";
import type { ReceiptAttempt } from "../../../src/manage/index.ts";
import { isMessageKey } from "../../i18n/index.ts";
import { OutcomeBadge } from "../../parts/outcome.ts";
import type { FormFields } from "../../server/form-fields.ts";
import {
  Badge,
  Button,
  Card,
  CheckField,
  Form,
  html,
  type Markup,
  SelectField,
  TextField,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

/** What was played, and with which faults. */
export type Rehearsed = { rehearsal: Rehearsal; wishes: RehearsalInput };

/** The statuses that lead different ways; the API and the command line know more. */
const STATUSES = ["429", "402", "401", "404", "400", "500", "529"];
const FAULTS = [...STATUSES, ...FAULT_KINDS];
const SHOWN_IN_FULL = 3;

/** Plays a combo through with faults of the reader's choice, and shows the way each request took. */
export function RehearsalCard(
  visit: Visit,
  entries: readonly ComboEntry[],
  rehearsed: Rehearsed | undefined,
): Markup {
  const { say } = visit;
  const { wishes, rehearsal } = rehearsed ?? {};
  const faults = [["", say("rehearsal.works")], ...FAULTS.map((fault) => [fault, faultWords(visit, fault)])];
  return Card({
    id: "rehearsal",
    title: say("rehearsal.title"),
    lead: say("rehearsal.lead"),
    children: html`
      ${Form({
        visit,
        action: "rehearse",
        className: "space-y-5",
        children: (form) => html`
          <div class="grid grid-cols-1 items-end gap-4 sm:grid-cols-2 xl:grid-cols-3">
            ${entries.map(({ model }, index) =>
              SelectField({
                form,
                name: `fault-${index + 1}`,
                label: html`<span class="text-muted">${`${index + 1}. `}</span
                  ><code class="break-all">${model}</code>`,
                value: wishes?.faults?.[String(index + 1)] ?? "",
                options: faults as [string, string][],
              }),
            )}
          </div>
          <div class="flex flex-wrap items-end gap-x-6 gap-y-4">
            ${TextField({
              form,
              name: "requests",
              label: say("rehearsal.requests"),
              type: "number",
              min: 1,
              max: 50,
              required: true,
              value: String(wishes?.requests ?? 1),
            })}
            ${CheckField({ form, name: "stream", label: say("rehearsal.stream"), checked: wishes?.stream ?? true })}
            ${CheckField({ form, name: "fromNow", label: say("rehearsal.from-now"), checked: wishes?.fromNow ?? false })}
          </div>
          ${Button({ label: say("rehearsal.go"), icon: "play", disabled: entries.length === 0 })}
        `,
      })}
      ${rehearsal && Played(visit, rehearsal)}
    `,
  });
}

/** What the form of the card asks for. */
export function rehearsalOf(form: FormFields, entries: readonly ComboEntry[]): RehearsalInput {
  const faults = entries
    .map((_entry, index) => [String(index + 1), form.text(`fault-${index + 1}`)] as const)
    .filter(([, fault]) => fault !== "");
  return {
    faults: Object.fromEntries(faults),
    requests: Number(form.text("requests")),
    stream: form.ticked("stream"),
    fromNow: form.ticked("fromNow"),
  };
}

function faultWords({ say }: Visit, fault: string): string {
  const key = `rehearsal.fault.${fault}`;
  const words = isMessageKey(key) ? say(key) : fault;
  return /^\d/.test(fault) ? `${fault} ${words}` : words;
}

function Played(visit: Visit, { requests }: Rehearsal): Markup {
  return html`<ol class="mt-5 divide-y divide-line border-t border-line" role="status">
    ${requests.map((request, index) => Request(visit, request, { index, count: requests.length }))}
  </ol>`;
}

function Request(
  visit: Visit,
  request: RehearsedRequest,
  { index, count }: { index: number; count: number },
): Markup {
  const { say, show } = visit;
  const { answered, status, receipt } = request;
  return html`<li class="py-3">
    <details open=${count <= SHOWN_IN_FULL || index === 0}>
      <summary class="flex cursor-pointer flex-wrap items-baseline gap-x-3 gap-y-1">
        ${count > 1 && html`<span class="text-small text-muted">${say("rehearsal.request", { position: index + 1 })}</span>`}
        ${answered === null ? Badge("bad", say("rehearsal.failed", { status })) : Badge("ok", say("outcome.ok"))}
        ${answered !== null && html`<code class="min-w-0 break-all">${answered}</code>`}
        <span class="ml-auto text-small text-muted">${show.duration(receipt.duration_ms)}</span>
      </summary>
      <ol class="mt-3 space-y-2">
        ${receipt.attempts.map((attempt) => Attempt(visit, attempt))}
      </ol>
      ${
        receipt.excluded.length > 0 &&
        html`<ul class="mt-3 space-y-1 text-small text-muted">
          ${receipt.excluded.map(
            ({ model, reason }) =>
              html`<li class="flex flex-wrap gap-x-2">
                ${say("plan.excluded")} <code class="break-all">${model}</code>
                <span lang="en">${reason}</span>
              </li>`,
          )}
        </ul>`
      }
      ${receipt.error?.message && html`<p class="mt-2 text-small break-words text-muted" lang="en">${receipt.error.message}</p>`}
    </details>
  </li>`;
}

function Attempt(visit: Visit, attempt: ReceiptAttempt): Markup {
  return html`<li class="flex flex-wrap items-baseline gap-x-3 gap-y-1">
    <span class="font-mono text-tiny text-muted">${attempt.position}</span>
    <code class="min-w-0 break-all">${attempt.model}</code>
    <span class="text-small text-muted">${attempt.connection.name}</span>
    ${OutcomeBadge(visit, { outcome: attempt.code, hadContent: attempt.first_content_ms !== null })}
    ${attempt.status !== null && html`<span class="font-mono text-small text-muted">${attempt.status}</span>`}
    <span class="ml-auto text-small text-muted">${visit.show.duration(attempt.duration_ms)}</span>
    ${
      attempt.reason_for_next !== null &&
      html`<p class="w-full text-small break-words text-muted" lang="en">${attempt.reason_for_next}</p>`
    }
  </li>`;
}
