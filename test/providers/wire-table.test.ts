import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { Usage } from "../../src/core/reply.ts";
import { type ModelDefinition, type ModelType, type Price, type UnitPrice } from "../../src/core/provider.ts";
import { MODEL_TYPE_OF, type ServiceKind } from "../../src/core/services.ts";
import { newId } from "../../src/lib/ids.ts";
import { PROVIDERS } from "../../src/providers/index.ts";
import { readBundle, replay } from "../../src/recorder/index.ts";
import { listConnections, removeConnection, saveConnection } from "../../src/store/index.ts";
import { type Answer, type InProcess, ranUntil, startInProcess } from "../kit/in-process.ts";
import type { Deed, Sent } from "../kit/scripted-outbound.ts";
import { PICTURE } from "../kit/service-answers.ts";
import { CHAT_WIRES } from "../kit/wires/chat.ts";
import { DOCUMENTS, PROMPT, QUERY, SERVICE_WIRES, TEXT, VOICE } from "../kit/wires/services.ts";
import { HEARD, type Wire, WORDS } from "../kit/wires/wire.ts";
import { WIRE_ROWS, type WireRow } from "./wire-rows.ts";

/** Every provider × everything it declares, from the client's call to the bytes that leave and back to the log. */
let app: InProcess;
let sent: Sent[];

beforeAll(async () => {
  app = await startInProcess();
});
afterAll(() => app.stop());
beforeEach(() => {
  app.engine.health.resetAll();
  sent = [];
});

/** The provider's one account, which nothing has happened to. */
function newAccount(provider: string): void {
  for (const { id } of listConnections(app.engine.store)) removeConnection(app.engine.store, id);
  const signsIn = findProvider(provider).auth.type === "sign-in";
  saveConnection(app.engine.store, {
    id: newId(),
    provider,
    name: provider,
    priority: 1,
    isActive: true,
    createdAt: 0,
    updatedAt: 0,
    ...(signsIn
      ? { authType: "oauth", credentials: { ...SIGNED_IN, accessToken: secretOf(provider) } }
      : { authType: "apikey", credentials: { apiKey: secretOf(provider) } }),
  });
}

const SIGNED_IN = { accountId: "account-1", projectId: "project-1", organizationId: "organization-1" };
const findProvider = (id: string) => PROVIDERS.find((provider) => provider.id === id)!;
const secretOf = (provider: string) => `secret-of-${provider}`;

const wireOf = ({ wire }: WireRow): Wire => {
  const [kind = "", dialect] = wire.split(" ");
  const wires = dialect === undefined ? CHAT_WIRES : SERVICE_WIRES[kind as ServiceKind];
  return (wires as { [name: string]: Wire })[dialect ?? kind]!;
};
const isChat = ({ wire }: WireRow) => !wire.includes(" ");
const rows = WIRE_ROWS.map((row): [string, WireRow] => [`${row.provider} ${row.wire}`, row]);

test("the table has every provider and everything it declares", () => {
  const declared: string[] = PROVIDERS.filter(({ builtIn }) => !builtIn).flatMap(
    ({ id, chat, services = {} }) => [
      ...chat.map(({ format, quirks }) => `${id} ${format}${quirks?.envelope ? "-enveloped" : ""}`),
      ...Object.entries(services).map(([kind, { dialect }]) => `${id} ${kind} ${dialect}`),
    ],
  );
  expect(rows.map(([name]) => name).toSorted()).toEqual(declared.toSorted());
});

describe.each(rows)("%s", (_name, row) => {
  const wire = wireOf(row);
  const model = modelFor(row);
  beforeEach(() => newAccount(row.provider));

  test("is called where and how its vendor says", async () => {
    const answer = await ask(row, model.id, (call) => wire.answer(call));
    expect([answer.status, answer.text]).toEqual([200, expect.anything()]);
    const [first] = sent;
    expect({ url: withoutQuery(first!.url), method: first!.method }).toEqual({
      url: filled(row.url, model.id),
      method: "POST",
    });
    for (const call of sent) expect(call.headers).toMatchObject(headersOf(row));
    expect(secretsOutside(first!)).toEqual([]);
    wire.check(sent as [Sent], model.id);
    expectAnswer(row, answer);
  });

  test("its usage is counted and its price told", async () => {
    await ask(row, model.id, (call) => wire.answer(call));
    const record = app.lastRequest();
    expect(record).toMatchObject({ status: 200, provider: row.provider });
    expect(record.model).toEndWith(`/${model.id}`);
    if (wire.usage) expect(record.usage).toMatchObject(wire.usage);
    if (model.price) expect(record.cost).toBeCloseTo(costOf(record.usage!, model.price), 12);
  });

  test.each(Object.entries(wire.refusals))("its refusal is read as %s", async (kind, deed) => {
    const answer = await ask(row, model.id, () => deed);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(app.lastRequest().attempts[0]).toMatchObject({ outcome: kind });
    expect(answer.text).not.toContain(secretOf(row.provider));
  });

  test.each<[string, (call: Sent) => Deed, boolean]>([
    ["what it answered", (call) => wire.answer(call), false],
    ...(isChat(row)
      ? [
          ["what it streamed", (call: Sent) => wire.answer(call), true] as [
            string,
            (call: Sent) => Deed,
            boolean,
          ],
        ]
      : []),
    ...Object.entries(wire.refusals).map(([kind, deed]): [string, () => Deed, boolean] => [
      kind,
      () => deed,
      false,
    ]),
  ])("%s is recorded without its key and plays again", async (_what, deed, stream) => {
    app.engine.recorder.recordNext(1, { name: "test" });
    await ask(row, model.id, deed, stream);
    const { id } = app.lastRequest();
    await ranUntil(app.clock, 10, () => false);
    for (let wait = 0; wait < 2000 && !app.engine.recorder.find(id); wait++) await Bun.sleep(1);
    const bundle = app.engine.recorder.bundle(id, { name: "test" });
    for (const secret of [secretOf(row.provider), ...Object.values(SIGNED_IN)])
      expect(bundle.includes(secret)).toBe(false);
    const { sameOutcome, sameAnswer, departures } = await replay(readBundle(bundle));
    expect({ sameOutcome, sameAnswer, departures }).toEqual({
      sameOutcome: true,
      sameAnswer: true,
      departures: [],
    });
  });

  if (isChat(row)) {
    test("streams", async () => {
      const answer = await ask(row, model.id, (call) => wire.answer(call), true);
      expect(answer.status).toBe(200);
      expect(withoutQuery(sent[0]!.url)).toBe(
        filled(row.url, model.id).replace(":generateContent", ":streamGenerateContent"),
      );
      expect(wordsIn(answer.text)).toBe(WORDS);
      expect(app.lastRequest()).toMatchObject({ stream: true, usage: wire.usage! });
    });

    test("a failure inside an answer is one", async () => {
      const answer = await ask(row, model.id, () => wire.inside!, true);
      expect(answer.status).toBeGreaterThanOrEqual(500);
      expect(app.lastRequest().attempts[0]?.outcome).toBe("overloaded");
    });
  }
});

/** Asks the gateway for what a row is about, in the row's own format where clients speak it. */
function ask(row: WireRow, model: string, deed: (sent: Sent) => Deed, stream = false): Promise<Answer> {
  app.outbound.script = (call) => {
    // A server of one's own is asked what it has as soon as it is connected.
    if (call.method === "GET" && call.url.endsWith("/models"))
      return { type: "answer", status: 200, body: { data: [] } };
    sent.push(call);
    return deed(call);
  };
  const name = `${row.provider}/${model}`;
  return isChat(row) ? askChat(row.wire, name, stream) : askService(row.wire, name);
}

function askChat(format: string, model: string, stream: boolean): Promise<Answer> {
  const messages = [{ role: "user", content: "Hi" }];
  switch (format) {
    case "openai-responses":
      return app.call("/v1/responses", { model, input: "Hi", stream });
    case "anthropic":
      return app.call("/v1/messages", { model, messages, max_tokens: 100, stream });
    case "gemini":
    case "gemini-enveloped": {
      const verb = stream ? "streamGenerateContent?alt=sse" : "generateContent";
      const contents = [{ role: "user", parts: [{ text: "Hi" }] }];
      return app.call(`/v1beta/models/${model}:${verb}`, { contents });
    }
    default:
      return app.call("/v1/chat/completions", { model, messages, stream });
  }
}

function askService(wire: string, model: string): Promise<Answer> {
  switch (wire.split(" ")[0] as ServiceKind) {
    case "embeddings":
      return app.call("/v1/embeddings", { model, input: TEXT });
    case "images":
      return app.call("/v1/images/generations", { model, prompt: PROMPT, size: "512x512" });
    case "imageEdits": {
      const form = new FormData();
      form.set("model", model);
      form.set("prompt", PROMPT);
      form.set("image", new File([Buffer.from(PICTURE, "base64")], "cat.png", { type: "image/png" }));
      return app.call("/v1/images/edits", form);
    }
    case "transcription": {
      const form = new FormData();
      form.set("file", new File(["sound"], "talk.mp3", { type: "audio/mpeg" }));
      form.set("model", model);
      form.set("language", "en");
      return app.call("/v1/audio/transcriptions", form);
    }
    case "speech":
      return app.call("/v1/audio/speech", { model, input: TEXT, voice: VOICE });
    case "moderation":
      return app.call("/v1/moderations", { model, input: TEXT });
    case "rerank":
      return app.call("/v1/rerank", { model, query: QUERY, documents: DOCUMENTS });
  }
}

function expectAnswer(row: WireRow, { text }: Answer): void {
  if (isChat(row)) return expect(text).toContain(WORDS);
  switch (row.wire.split(" ")[0] as ServiceKind) {
    case "embeddings":
      return expect(JSON.parse(text).data[0].embedding).toEqual([0.5, -1, 0.25]);
    case "images":
    case "imageEdits": {
      const [{ b64_json, url }] = JSON.parse(text).data;
      return expect([PICTURE, "https://cdn.example/a.png"]).toContain(b64_json ?? url);
    }
    case "transcription":
      return expect(JSON.parse(text).text).toBe(HEARD);
    case "speech":
      return expect(text).toEndWith("ID3-sound");
    case "moderation":
      return expect(JSON.parse(text).results[0].flagged).toBe(true);
    case "rerank":
      return expect(JSON.parse(text).results.map(({ index }: { index: number }) => index)).toEqual([1, 0]);
  }
}

/** The words of a stream in any of the client's formats. */
function wordsIn(stream: string): string {
  const events = [...stream.matchAll(/^data: (\{.*\})$/gm)].map(([, json]) => JSON.parse(json!));
  return events
    .map(
      (event) =>
        event.choices?.[0]?.delta?.content ??
        event.candidates?.[0]?.content?.parts?.[0]?.text ??
        (event.type === "response.output_text.delta" ? event.delta : event.delta?.text) ??
        "",
    )
    .join("");
}

/** A priced model of the row's kind where there is one, else any of it, else one nobody declared. */
function modelFor({ provider, wire }: WireRow): Pick<ModelDefinition, "id" | "price"> {
  const [kind = ""] = wire.split(" ");
  const type: ModelType = wire.includes(" ") ? MODEL_TYPE_OF[kind as ServiceKind] : "chat";
  const format = kind.replace("-enveloped", "");
  const fitting = findProvider(provider).models.filter(
    (model) =>
      (model.type ?? "chat") === type &&
      (model.status?.state ?? "works") === "works" &&
      (type !== "chat" || (model.formats as readonly string[] | undefined)?.includes(format) !== false) &&
      (model.services as readonly string[] | undefined)?.includes(kind) !== false,
  );
  return fitting.find(({ price }) => price !== undefined) ?? fitting[0] ?? { id: "some-model" };
}

/** Worked out apart from the gateway's own sums. */
function costOf(usage: Usage, price: NonNullable<ModelDefinition["price"]>): number {
  const [input, output] = Array.isArray(price)
    ? price
    : [(price as Price).input ?? 0, (price as Price).output ?? 0];
  const { perMinute = 0, perImage = 0, perSearch = 0, perCharacter = 0 } = price as UnitPrice;
  const { seconds = 0, images = 0, searches = 0, characters = 0 } = usage.units ?? {};
  return (
    (usage.input * input + usage.output * output) / 1_000_000 +
    (seconds / 60) * perMinute +
    images * perImage +
    searches * perSearch +
    characters * perCharacter
  );
}

const filled = (text: string, model: string) => text.replace("MODEL", model).replace("VOICE", VOICE);
const withoutQuery = (url: string) => url.replace(/\?.*/, "");
const headersOf = ({ headers, provider }: WireRow) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replace(/KEY|TOKEN/, secretOf(provider))]),
  );

/** Where the key stands and should not: address and body. */
const secretsOutside = ({ url, text }: Sent) => [url, text].filter((place) => place.includes("secret-of-"));
