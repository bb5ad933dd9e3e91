import type { Outcome, PendingView } from "../../../src/accounts/index.ts";
import { badRequest, GatewayError } from "../../../src/core/errors.ts";
import { sha256 } from "../../../src/lib/ids.ts";
import type { SignInOffer } from "../../../src/manage/index.ts";
import { actionUrl, definePage } from "../../page.ts";
import { ProviderNotice } from "../../parts/provider-state.ts";
import {
  Button,
  ButtonLink,
  Card,
  CheckField,
  CodeBlock,
  Confirm,
  CopyLine,
  Countdown,
  Dot,
  Form,
  Heading,
  html,
  Icon,
  type Markup,
  Notice,
  SelectField,
  TextArea,
  TextField,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { FoundSignIns, importFound, importText } from "./found-sign-ins.ts";

/** Signing in at a vendor: its rule, the way there, and the wait until it is done. */
export const signIn = definePage({
  path: "/providers/:provider/sign-in",
  title: "sign-in.title",
  under: "/providers",
  load: async (visit) => {
    const offer = offerOf(visit);
    const { signIn: desk } = visit.engine.manage;
    // Asking is what moves a device code on; the desk itself keeps to the pace the vendor allows.
    const outcome = await desk.poll(sessionOf(visit));
    const pending = desk.pending(sessionOf(visit));
    return {
      offer,
      entry: visit.engine.catalogue.byId.get(offer.provider),
      pending: pending?.provider === offer.provider ? pending : undefined,
      outcome: isAbout(outcome, offer) ? outcome : undefined,
      connectionId: visit.url.searchParams.get("connection") ?? undefined,
    };
  },
  view: ({ offer, entry, pending, outcome, connectionId }, visit) => {
    const { say } = visit;
    return html`
      ${Heading({
        title: say("sign-in.heading", { provider: offer.name }),
        lead: connectionId === undefined ? say("sign-in.lead") : say("sign-in.renew.lead"),
        back: { href: `/dashboard/providers/${encodeURIComponent(offer.provider)}`, label: offer.name },
      })}
      <div class="max-w-2xl space-y-6">
        ${entry && ProviderNotice(visit, entry.provider)}
        <div class="space-y-6" id="sign-in" data-live="changed" data-every=${pending && "3"}>
          ${
            outcome?.type === "done"
              ? Done(visit, offer, outcome)
              : html`${outcome?.type === "failed" && Failure(visit, outcome)}
                ${pending ? Waiting(visit, pending) : Begin(visit, offer)}`
          }
        </div>
        ${!pending && outcome?.type !== "done" && connectionId === undefined && FoundSignIns(visit, offer)}
      </div>
    `;
  },
  actions: {
    begin: async (visit, form) => {
      const { engine, actor, url } = visit;
      const offer = offerOf(visit);
      if (offer.needsAcceptance && !form.ticked("accepted"))
        throw badRequest("Read the provider's rule and tick the box first.", "accepted");
      const connectionId = url.searchParams.get("connection") ?? undefined;
      await engine.manage.signIn.begin(
        {
          provider: offer.provider,
          way: form.text("way") === "device" ? "device" : "browser",
          session: sessionOf(visit),
          acceptTerms: form.ticked("accepted"),
          origin: url.origin,
          choices: {
            idp: form.optional("idp"),
            startUrl: form.optional("startUrl"),
            region: form.optional("region"),
          },
          ...(connectionId !== undefined && { connectionId }),
        },
        actor,
      );
      return {};
    },
    paste: async (visit, form) => {
      const outcome = await visit.engine.manage.signIn.paste({
        provider: offerOf(visit).provider,
        session: sessionOf(visit),
        text: form.text("answer"),
      });
      if (outcome.type === "failed")
        throw new GatewayError("bad_request", outcome.description, { param: "answer" });
      return {};
    },
    import: importFound,
    "import-text": importText,
    cancel: (visit) => {
      visit.engine.manage.signIn.cancel(sessionOf(visit));
      return { to: `/dashboard/providers/${encodeURIComponent(offerOf(visit).provider)}` };
    },
    again: (visit) => {
      visit.engine.manage.signIn.cancel(sessionOf(visit));
      return {};
    },
  },
});

function Begin(visit: Visit, offer: SignInOffer): Markup {
  const { say } = visit;
  const { missing, ways, needsAcceptance } = offer;
  if (missing)
    return Notice({
      tone: "warn",
      title: say("sign-in.missing", { variables: missing.variables.join(", ") }),
      children: html`<p class="whitespace-pre-line" lang="en">${missing.recipe}</p>`,
    });
  return Card({
    title: say("sign-in.begin"),
    children: Form({
      visit,
      action: "begin",
      className: "space-y-4",
      children: (form) => html`
        ${
          offer.provider === "kiro" &&
          html`${SelectField({
              form,
              name: "idp",
              label: say("sign-in.with"),
              options: [
                ["google", "Google"],
                ["github", "GitHub"],
              ],
            })}
            <div class="grid grid-cols-1 gap-4 sm:grid-cols-2">
              ${TextField({ form, name: "startUrl", label: say("sign-in.start-url"), hint: say("sign-in.start-url.hint"), type: "url", code: true })}
              ${TextField({ form, name: "region", label: say("sign-in.region"), placeholder: "us-east-1", code: true })}
            </div>`
        }
        ${needsAcceptance && CheckField({ form, name: "accepted", label: say("connection.accept"), required: true })}
        <div class="flex flex-wrap gap-2">
          ${ways.map((way, index) =>
            Button({
              label: say(`sign-in.way.${way}`),
              name: "way",
              value: way,
              tone: index === 0 ? "primary" : "plain",
              icon: way === "browser" ? "outside" : "screen",
            }),
          )}
        </div>
      `,
    }),
  });
}

function Waiting(visit: Visit, pending: PendingView): Markup {
  const { say } = visit;
  return html`
    ${Card({
      title: say(`sign-in.go.${pending.way}`),
      children: pending.way === "device" ? DeviceSteps(visit, pending) : BrowserSteps(visit, pending),
    })}
    <div class="moment" role="status">
      <span class="moment-mark">${Dot("info", { live: true })}</span>
      <div class="min-w-0 flex-1">
        <p class="font-semibold">${say("sign-in.waiting")}</p>
        <p class="text-muted">${say.rich("sign-in.ends", { time: Countdown(visit, pending.expiresAt) })}</p>
      </div>
      ${Confirm({
        visit,
        id: "cancel-sign-in",
        action: "cancel",
        fields: {},
        label: say("common.cancel"),
        icon: "cross",
        question: say("sign-in.cancel.question"),
        consequence: say("sign-in.cancel.consequence"),
        go: say("sign-in.cancel.go"),
      })}
    </div>
    ${
      pending.way === "browser" &&
      Card({
        title: say("sign-in.paste"),
        lead: say(pending.listening ? "sign-in.paste.else" : "sign-in.paste.must"),
        children: Form({
          visit,
          action: "paste",
          className: "space-y-3",
          children: (form) => html`
            ${TextArea({
              form,
              name: "answer",
              label: say("sign-in.answer"),
              hint: say("sign-in.answer.hint"),
              rows: 3,
              code: true,
            })}
            ${Button({ label: say("sign-in.answer.go"), data: { busy: say("test.running") } })}
          `,
        }),
      })
    }
  `;
}

function BrowserSteps({ say }: Visit, { authUrl = "" }: PendingView): Markup {
  return html`<div class="space-y-3">
    <a class="btn btn-primary" href=${authUrl} target="_blank" rel="noreferrer noopener">
      <span>${say("sign-in.open")}</span> ${Icon("outside", "size-4")}
    </a>
    <p class="text-small text-muted">${say("sign-in.open.else")}</p>
    ${CopyLine({ say }, authUrl, say("sign-in.link"))}
  </div>`;
}

function DeviceSteps(
  visit: Visit,
  { userCode = "", verificationUri = "", verificationUriComplete }: PendingView,
): Markup {
  const { say } = visit;
  return html`<ol class="plan">
    <li>
      <span class="w-full">${say("sign-in.device.open")}</span>
      <a
        class="link inline-flex items-center gap-1 break-all"
        href=${verificationUriComplete ?? verificationUri}
        target="_blank"
        rel="noreferrer noopener"
      >
        ${verificationUri} ${Icon("outside", "size-3.5")}
      </a>
    </li>
    <li>
      <span class="w-full">${say("sign-in.device.code")}</span>
      <div class="w-full max-w-64 text-lg">${CodeBlock(visit, userCode)}</div>
    </li>
  </ol>`;
}

function Done(
  visit: Visit,
  offer: SignInOffer,
  { connection, warnings }: Extract<Outcome, { type: "done" }>,
): Markup {
  const { say } = visit;
  return html`<div class="moment moment-done" role="status">
      <span class="moment-mark">${Icon("check", "size-6")}</span>
      <div class="min-w-0 flex-1">
        <p class="text-lg font-semibold">${say("sign-in.done", { account: connection.displayName })}</p>
        <p class="text-muted">${say("sign-in.done.lead")}</p>
      </div>
      ${ButtonLink({ href: `/dashboard/providers/${encodeURIComponent(offer.provider)}`, label: say("setup.next"), iconAfter: "right", tone: "primary" })}
    </div>
    <form method="post" action=${actionUrl(visit, "again")}>
      ${Button({ label: say("sign-in.another"), tone: "quiet", small: true })}
    </form>
    ${warnings.map((warning) => Notice({ tone: "warn", children: html`<span lang="en">${warning}</span>` }))}`;
}

function Failure({ say }: Visit, { description }: Extract<Outcome, { type: "failed" }>): Markup {
  return Notice({
    tone: "bad",
    alert: true,
    title: say("sign-in.failed"),
    children: html`<span lang="en">${description}</span>`,
  });
}

function offerOf({ engine, params }: Visit): SignInOffer {
  const offer = engine.manage.signIn.offers().find(({ provider }) => provider === params["provider"]);
  if (!offer || offer.status.state === "shut-down" || offer.status.state === "not-offered")
    throw new GatewayError("not_found", "There is no sign-in for this provider.");
  return offer;
}

/** Does an outcome belong here? Each login has one sign-in at a time, at whatever vendor. */
function isAbout(outcome: Outcome, offer: SignInOffer): boolean {
  if (outcome.type === "done") return outcome.connection.provider === offer.provider;
  return outcome.type === "failed" && outcome.error !== "no_pending_sign_in";
}

/** The same name that the management API gives a login, so that both see one sign-in. */
const sessionOf = ({ session, actor }: Visit): string =>
  session === undefined ? actor.name : `login ${sha256(session.token)}`;
