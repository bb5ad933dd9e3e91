import type { Engine } from "../engine.ts";
import { sleep } from "../lib/clock.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { objects } from "./answers.ts";
import { CliError, EXIT, type CliContext, type DataFlags } from "./context.ts";
import { onInstallation } from "./installation.ts";
import { json, line, paint, shown, table } from "./output.ts";
import type { RunningServer } from "./running-server.ts";

export type LoginFlags = DataFlags & {
  json?: boolean;
  acceptTerms?: boolean;
  browser?: boolean;
  connection?: string;
  region?: string;
  startUrl?: string;
  with?: string;
};

type SignIn = Engine["manage"]["signIn"];
type SignInOffer = ReturnType<SignIn["offers"]>[number];
type PendingView = Awaited<ReturnType<SignIn["begin"]>>;
type Outcome = Awaited<ReturnType<SignIn["poll"]>>;

/** Where a sign-in is made: the running server, or the data directory itself. */
type Desk = {
  offers(): Promise<Offer[]>;
  begin(way: "browser" | "device", query: Query): Promise<Begun>;
  paste(text: string): Promise<Told>;
  poll(handle: string): Promise<Told>;
};
type Offer = Pick<SignInOffer, "provider" | "name" | "ways" | "connections"> & {
  state: string;
  note: string;
  source: string;
  missing: SignInOffer["missing"] | null;
};
type Query = { [name: string]: string | undefined };
type Begun = Partial<PendingView> & { handle: string };
type Told = {
  success: boolean;
  pending?: boolean;
  connection?: JsonObject;
  warnings?: string[];
  errorDescription?: string;
};

const LOOK_EVERY_MS = 1000;

/** Signs in at a vendor from the terminal, also over SSH; without a provider, lists where one can. */
export function login(context: CliContext, provider: string | undefined, flags: LoginFlags): Promise<number> {
  const run = (desk: Desk) =>
    provider === undefined ? list(context, desk, flags) : signIn(context, desk, provider, flags);
  return onInstallation(context, flags, {
    server: (server) => run(serverDesk(server, provider ?? "")),
    engine: (engine) => run(engineDesk(engine, provider ?? "")),
  });
}

async function list(context: CliContext, desk: Desk, flags: LoginFlags): Promise<number> {
  const offers = await desk.offers();
  if (flags.json) json(context.out, { providers: offers });
  else
    table(context, offers, [
      { title: "PROVIDER", of: ({ provider }) => provider },
      { title: "NAME", of: ({ name }) => name },
      {
        title: "SIGN-IN",
        of: ({ ways }) => ways.map((way) => (way === "device" ? "code" : "browser")).join(", "),
      },
      { title: "ACCOUNTS", of: ({ connections }) => connections },
      {
        title: "STATUS",
        of: ({ state, missing }) => (missing ? `${state}; set ${missing.variables.join(", ")}` : state),
      },
      { title: "SOURCE", of: ({ source }) => source },
    ]);
  return EXIT.fine;
}

async function signIn(context: CliContext, desk: Desk, name: string, flags: LoginFlags): Promise<number> {
  const offer = (await desk.offers()).find(({ provider }) => provider === name);
  if (offer?.missing)
    throw new CliError(
      `Signing in at ${offer.name} takes ${offer.missing.variables.join(" and ")}.`,
      EXIT.failed,
      offer.missing.recipe,
    );
  if (offer?.note) line(context.err, `${offer.name}: ${offer.note}${offer.source && ` (${offer.source})`}`);
  const way =
    offer?.ways.includes("device") && !flags.browser && flags.with === undefined ? "device" : "browser";
  const begun = await desk.begin(way, {
    acceptTerms: flags.acceptTerms ? "true" : undefined,
    connectionId: flags.connection,
    region: flags.region,
    startUrl: flags.startUrl,
    idp: flags.with,
  });
  const told = way === "device" ? await byCode(context, desk, begun) : await byBrowser(context, desk, begun);
  return report(context, told, flags);
}

/** The person types a code on any device. */
async function byCode(context: CliContext, desk: Desk, begun: Begun): Promise<Told> {
  const { verificationUriComplete, verificationUri, userCode = "", intervalMs = 5000, handle } = begun;
  line(context.err, `Open ${shown(verificationUri)}`);
  line(context.err, `and type the code  ${paint(context, context.err, "bold", shown(userCode))}`);
  if (verificationUriComplete) line(context.err, `or open ${shown(verificationUriComplete)}`);
  line(context.err, "Waiting …");
  for (;;) {
    await sleep(context.clock, Math.max(LOOK_EVERY_MS, intervalMs));
    const told = await desk.poll(handle);
    if (!told.pending) return told;
  }
}

/** The browser comes back by itself where it can; else its last address is pasted here. */
async function byBrowser(context: CliContext, desk: Desk, begun: Begun): Promise<Told> {
  line(context.err, "Open this address in a browser, on this machine or another:");
  line(context.err, shown(begun.authUrl));
  line(
    context.err,
    "Where the browser cannot come back by itself, paste the address it ends at (or the code).",
  );
  const ending = new AbortController();
  try {
    return await Promise.race([
      pasted(context, desk, begun.listening === true, ending.signal),
      cameBack(context, desk, begun.handle, ending.signal),
    ]);
  } finally {
    ending.abort();
  }
}

async function pasted(
  context: CliContext,
  desk: Desk,
  listening: boolean,
  signal: AbortSignal,
): Promise<Told> {
  for (;;) {
    let text: string;
    try {
      text = await context.readSecret("Address or code", signal);
    } catch (error) {
      // Without a terminal there is nothing to paste, but the browser may come back all the same.
      if (!listening || !(error instanceof CliError) || error.exitCode !== EXIT.wrongUse) throw error;
      return new Promise(() => {});
    }
    const told = await desk.paste(text);
    if (told.success || told.pending) return told;
    line(context.err, shown(told.errorDescription));
    if (!(await sleep(context.clock, 0, signal))) return told;
  }
}

async function cameBack(context: CliContext, desk: Desk, handle: string, signal: AbortSignal): Promise<Told> {
  while (await sleep(context.clock, LOOK_EVERY_MS, signal)) {
    const told = await desk.poll(handle);
    if (!told.pending) return told;
  }
  return new Promise(() => {});
}

function report(context: CliContext, told: Told, flags: LoginFlags): number {
  if (!told.success) throw new CliError(told.errorDescription ?? "The sign-in did not work.");
  if (flags.json) json(context.out, told);
  else {
    const { displayName, provider, id } = told.connection ?? {};
    const mark = paint(context, context.out, "green", "Signed in:");
    line(context.out, `${mark} ${shown(displayName)} (${shown(provider)}, connection ${shown(id)})`);
  }
  for (const warning of told.warnings ?? []) line(context.err, `Note: ${shown(warning)}`);
  return EXIT.fine;
}

function serverDesk(server: RunningServer, provider: string): Desk {
  const path = (call: string) => `/api/oauth/${encodeURIComponent(provider)}/${call}`;
  return {
    async offers() {
      const { providers } = await server.call("GET", "/api/oauth/providers");
      return objects(providers).map((offer) => ({
        provider: String(offer.provider),
        name: String(offer.name),
        ways: (Array.isArray(offer.ways) ? offer.ways : []) as Offer["ways"],
        connections: Number(offer.connections),
        state: String(offer.status),
        note: String(offer.statusNote ?? ""),
        source: String(offer.source ?? ""),
        missing: isObject(offer.missing) ? (offer.missing as unknown as Offer["missing"]) : null,
      }));
    },
    async begin(way, query) {
      const given = Object.entries(query).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      );
      const asked = path(way === "device" ? "device-code" : "authorize");
      const view = await server.call("GET", `${asked}?${new URLSearchParams(given)}`);
      return {
        ...(view as Partial<PendingView>),
        handle: String(view.deviceCode ?? view.handle),
        ...(typeof view.interval === "number" && { intervalMs: view.interval * 1000 }),
      };
    },
    paste: async (text) => asTold(await server.ask("POST", path("exchange"), { code: text })),
    poll: async (deviceCode) => asTold(await server.ask("POST", path("poll"), { deviceCode })),
  };
}

const asTold = (answer: JsonObject): Told => ({
  ...answer,
  success: answer.success === true,
});

function engineDesk(engine: Engine, provider: string): Desk {
  const { signIn } = engine.manage;
  const session = "cli";
  return {
    offers: () =>
      Promise.resolve(
        signIn.offers().map(({ status, missing, ...offer }) => ({
          ...offer,
          state: status.state,
          note: status.note ?? "",
          source: status.source ?? "",
          missing: missing ?? null,
        })),
      ),
    begin: (way, { acceptTerms, connectionId, ...choices }) =>
      signIn.begin(
        {
          provider,
          way,
          session,
          acceptTerms: acceptTerms === "true",
          choices,
          ...(connectionId !== undefined && { connectionId }),
        },
        { name: "cli" },
      ),
    paste: async (text) => toldOf(await signIn.paste({ provider, session, text })),
    poll: async (handle) => toldOf(await signIn.poll(session, handle)),
  };
}

function toldOf(outcome: Outcome): Told {
  switch (outcome.type) {
    case "done":
      return { success: true, connection: outcome.connection, warnings: outcome.warnings };
    case "pending":
      return { success: false, pending: true };
    case "failed":
      return { success: false, errorDescription: outcome.description };
  }
}
