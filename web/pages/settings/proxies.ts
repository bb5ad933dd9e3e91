import type { ExitAddress } from "../../../src/core/record.ts";
import type { Engine } from "../../../src/engine.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import { PROXY_LEVELS, proxyPatch } from "../../../src/engine/proxy-book.ts";
import { testProxy } from "../../../src/engine/proxy-test.ts";
import { parseInput } from "../../../src/core/parse-input.ts";
import { isObject } from "../../../src/lib/json.ts";
import { addAudit } from "../../../src/store/index.ts";
import { type Action, actionUrl } from "../../page.ts";
import { DeclaredSettings } from "../../parts/declared-badge.ts";
import { providerName } from "../../parts/names.ts";
import {
  Button,
  Card,
  Form,
  type FormState,
  html,
  type Markup,
  Relative,
  SelectField,
  TextField,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

const TYPES = ["http", "https", "socks5", "socks5h", "direct"] as const;

/** One proxy that is set: for what, and which. */
type SetProxy = {
  place: string;
  name: string;
  words: string;
  exit: ExitAddress | undefined;
  isTestable: boolean;
};

/** Network proxies, for everything or for one thing. The nearest one counts. */
export function ProxyCard(visit: Visit): Markup {
  const { say, engine } = visit;
  const set = proxiesSet(visit);
  return Card({
    id: "proxies",
    title: say("proxy.title"),
    lead: say("proxy.lead"),
    aside: DeclaredSettings(visit, "egressCheckUrl"),
    flush: true,
    children: html`
      ${
        set.length > 0 &&
        html`<ul class="divide-y divide-line">
          ${set.map(
            ({ place, name, words, exit, isTestable }) =>
              html`<li class="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3">
                <span class="min-w-0 flex-1 font-medium break-words">${name}</span>
                <code class="min-w-0 break-all text-muted">${words}</code>
                ${
                  exit &&
                  html`<span class="text-small text-muted">
                    ${say.rich("request.exit", {
                      address: html`<code class="break-all">${exit.address}</code>`,
                      seen: Relative(visit, exit.seenAt),
                    })}
                  </span>`
                }
                ${
                  isTestable &&
                  html`<form method="post" action=${actionUrl(visit, "test-proxy")}>
                    <input type="hidden" name="place" value=${place} />
                    ${Button({
                      label: say("proxy.test"),
                      small: true,
                      data: { busy: say("test.running") },
                    })}
                  </form>`
                }
                <form method="post" action=${actionUrl(visit, "remove-proxy")}>
                  <input type="hidden" name="place" value=${place} />
                  ${Button({ label: say("proxy.remove", { name }), icon: "trash", iconOnly: true, small: true, tone: "quiet" })}
                </form>
              </li>`,
          )}
        </ul>`
      }
      ${Form({
        visit,
        action: "proxy",
        className: set.length > 0 ? "space-y-4 border-t border-line px-5 py-4" : "space-y-4 px-5 py-4",
        children: (form) => html`
          <div class="grid grid-cols-1 gap-4 sm:grid-cols-2">
            ${SelectField({ form, name: "place", label: say("proxy.for"), options: placesOf(engine, say) })}
            ${SelectField({ form, name: "type", label: say("proxy.type"), options: TYPES.map((type) => [type, say(`proxy.${type}`)]) })}
          </div>
          ${Address(form)} ${Button({ label: say("proxy.set"), icon: "plus" })}
        `,
      })}
      ${Form({
        visit,
        action: "egress",
        className: "space-y-4 border-t border-line px-5 py-4",
        children: (form) => html`
          ${TextField({
            form,
            name: "egressCheckUrl",
            label: say("proxy.egress"),
            hint: say("proxy.egress.hint"),
            type: "url",
            value: engine.settings().egressCheckUrl,
            code: true,
          })}
          ${TextField({
            form,
            name: "egressCheckMinutes",
            label: say("proxy.egress.minutes"),
            hint: say("proxy.egress.minutes.hint"),
            type: "number",
            min: 0,
            max: 10_080,
            value: String(engine.settings().egressCheckMinutes),
          })}
          ${Button({ label: say("common.save") })}
        `,
      })}
    `,
  });
}

function Address(form: FormState): Markup {
  const { say } = form.visit;
  return html`<div class="grid grid-cols-1 gap-4 sm:grid-cols-2 lg:grid-cols-4">
    ${TextField({ form, name: "host", label: say("proxy.host"), placeholder: "proxy.example.org", code: true })}
    ${TextField({ form, name: "port", label: say("proxy.port"), type: "number", min: 1, max: 65_535, placeholder: "8080" })}
    ${TextField({ form, name: "username", label: say("proxy.user") })}
    ${TextField({ form, name: "password", label: say("login.password"), type: "password", keep: true, autocomplete: "new-password" })}
  </div>`;
}

/** Sets a proxy for what was chosen. */
export const setProxy: Action = (visit, form) => {
  const type = form.text("type");
  const proxy =
    type === "direct"
      ? { type }
      : {
          type,
          host: form.text("host"),
          port: form.text("port"),
          username: form.orNull("username"),
          password: form.secret("password") || null,
        };
  change(visit, form.text("place"), proxy);
  return visit.say("proxy.saved");
};

/** Whom proxies ask for the address they come from, and how often. */
export const setEgressCheck: Action = ({ engine, actor, say }, form) => {
  engine.manage.settings.change(
    {
      egressCheckUrl: form.text("egressCheckUrl"),
      egressCheckMinutes: form.text("egressCheckMinutes") || "0",
    },
    actor,
  );
  return say("settings.saved");
};

/** Connects to a proxy that is set, and tells where it leads out. */
export const testProxyNow: Action = async ({ engine, say, show }, form) => {
  const { level, id } = levelOf(form.text("place"));
  const known = PROXY_LEVELS.find((each) => each === level);
  const proxy = known && engine.network.proxies.find(known, id);
  if (!proxy) throw new GatewayError("not_found", say("proxy.test.gone"));
  const tried = await testProxy(engine.network, engine.clock, proxy);
  if (!tried.success) throw new GatewayError("bad_request", say("proxy.test.failed", { why: tried.error }));
  const time = show.duration(tried.latencyMs);
  return tried.publicIp === null
    ? say("proxy.test.ok", { time })
    : say("proxy.test.exit", { time, address: tried.publicIp });
};

export const removeProxy: Action = (visit, form) => {
  change(visit, form.text("place"), null);
  return visit.say("proxy.removed");
};

function change({ engine, actor }: Visit, place: string, proxy: object | null): void {
  const { network, router } = engine;
  const { level, id } = levelOf(place);
  const patch = parseInput(proxyPatch, level === "global" ? { global: proxy } : { [level]: { [id]: proxy } });
  const before = network.proxies.shown();
  network.proxies.change(patch, (wanted) =>
    router.connections.some((connection) => connection.id === wanted),
  );
  addAudit(engine.store, {
    action: "settings.proxy",
    actor: actor.name,
    ...(actor.ip !== undefined && { ip: actor.ip }),
    target: "proxy",
    result: "ok",
    details: { from: before, to: network.proxies.shown() },
  });
}

/** `providers:openai` is level and id; `global` has no id. */
function levelOf(place: string): { level: string; id: string } {
  const at = place.indexOf(":");
  return at < 0 ? { level: place, id: "" } : { level: place.slice(0, at), id: place.slice(at + 1) };
}

/** Everything a proxy can be set for. */
function placesOf(engine: Engine, say: Visit["say"]): [string, string][] {
  return [
    ["global", say("proxy.everything")],
    ...engine.catalogue.entries
      .filter(({ provider }) => !provider.builtIn)
      .map(({ provider }): [string, string] => [
        `providers:${provider.id}`,
        say("proxy.provider", { name: provider.name }),
      ]),
    ...engine.router.connections.map(({ id, name, provider }): [string, string] => [
      `connections:${id}`,
      say("proxy.connection", { name: `${providerName(engine, provider)}: ${name}` }),
    ]),
    ...engine.manage.combos
      .list()
      .map(({ id, name }): [string, string] => [`combos:${id}`, say("proxy.combo", { name })]),
    ...engine.access
      .listKeys()
      .filter(({ revokedAt }) => revokedAt === undefined)
      .map(({ id, name }): [string, string] => [`keys:${id}`, say("proxy.key", { name })]),
  ];
}

function proxiesSet({ engine, say }: Visit): SetProxy[] {
  const names = new Map(placesOf(engine, say));
  const shown: { [level: string]: unknown } = engine.network.proxies.shown();
  return PROXY_LEVELS.flatMap((level): SetProxy[] => {
    const entries =
      level === "global" ? [["", shown["global"]] as const] : Object.entries((shown[level] ?? {}) as object);
    return entries.flatMap(([id, proxy]: readonly [string, unknown]) => {
      if (!isObject(proxy)) return [];
      const place = level === "global" ? "global" : `${level}:${id}`;
      const exit = isProxy(proxy) ? engine.network.exits.seen(proxy) : undefined;
      return [
        {
          place,
          name: names.get(place) ?? place,
          words: wordsOf(proxy, say),
          exit,
          isTestable: isProxy(proxy),
        },
      ];
    });
  });
}

type Proxy = Parameters<Engine["network"]["exits"]["seen"]>[0];

const isProxy = (entry: object): entry is Proxy => "type" in entry && entry.type !== "direct";

function wordsOf(proxy: { [field: string]: unknown }, say: Visit["say"]): string {
  const { type, host, port, username } = proxy as {
    type: string;
    host?: string;
    port?: number;
    username?: string;
  };
  if (type === "direct") return say("proxy.direct");
  return `${type}://${username === undefined ? "" : `${username}@`}${host ?? ""}:${port ?? ""}`;
}
