import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../../kit/in-process.ts";
import type { Deed, Sent } from "../../kit/scripted-outbound.ts";
import { PICTURE } from "../../kit/service-answers.ts";
import { json } from "../../kit/wires/wire.ts";

/** Services that begin a task and must be asked whether it is done, with a clock the test turns. */
let app: InProcess;

beforeAll(async () => {
  app = await startInProcess();
  for (const provider of ["assemblyai", "nanobanana", "fireworks"])
    app.engine.manage.connections.create({ provider, name: provider, apiKey: "k" }, { name: "test" });
});
afterAll(() => app.stop());
beforeEach(() => {
  app.engine.health.resetAll();
  app.outbound.sent.length = 0;
});

const KONTEXT = "accounts/fireworks/models/flux-kontext-pro";

type Task = {
  ask(): Promise<{ status: number; text: string }>;
  isLook(sent: Sent): boolean;
  begin(sent: Sent): Deed;
  waiting: Deed;
  done: Deed;
  failed: Deed;
  expected: object;
};

const TASKS: { [name: string]: Task } = {
  assemblyai: {
    ask: () => app.call("/v1/audio/transcriptions", sound("assemblyai/universal-2")),
    isLook: ({ method }) => method === "GET",
    begin: ({ url }) =>
      url.endsWith("/upload")
        ? json({ upload_url: "https://x.example/1" })
        : json({ id: "t1", status: "queued" }),
    waiting: json({ id: "t1", status: "processing" }),
    done: json({ id: "t1", status: "completed", text: "Hello.", audio_duration: 3, words: [] }),
    failed: json({ id: "t1", status: "error", error: "Download error, unable to read the audio." }),
    expected: { text: "Hello." },
  },
  nanobanana: {
    ask: () => app.call("/v1/images/generations", { model: "nb/nanobanana-pro", prompt: "a cat" }),
    isLook: ({ url }) => url.includes("/record-info"),
    begin: ({ url }) => {
      expect(url).toEndWith("/generate-pro");
      return json({ code: 200, data: { taskId: "t1" } });
    },
    waiting: json({ code: 200, data: { taskId: "t1", successFlag: 0 } }),
    done: json({
      code: 200,
      data: { successFlag: 1, response: { resultImageUrl: "https://x.example/a.png" } },
    }),
    failed: json({ code: 200, data: { successFlag: 3, errorMessage: "The picture could not be made." } }),
    expected: { data: [{ url: "https://x.example/a.png" }] },
  },
  "fireworks kontext": {
    ask: () => app.call("/v1/images/generations", { model: `fireworks/${KONTEXT}`, prompt: "a cat" }),
    isLook: ({ url }) => url.endsWith("/get_result"),
    begin: ({ url }) => {
      expect(url).toBe(`https://api.fireworks.ai/inference/v1/workflows/${KONTEXT}`);
      return json({ request_id: "t1" });
    },
    waiting: json({ id: "t1", status: "Pending" }),
    done: json({ id: "t1", status: "Ready", result: { sample: `data:image/png;base64,${PICTURE}` } }),
    failed: json({ id: "t1", status: "Error", details: "The picture could not be made." }),
    expected: { data: [{ b64_json: PICTURE }] },
  },
};

const sound = (model: string): FormData => {
  const form = new FormData();
  form.set("model", model);
  form.set("file", new File(["sound"], "talk.mp3", { type: "audio/mpeg" }));
  return form;
};

/** The task is done at the `count`th look. */
function script(task: Task, count: number, last = task.done): { looks: number[] } {
  const looks: number[] = [];
  app.outbound.script = (sent) => {
    if (!task.isLook(sent)) return task.begin(sent);
    looks.push(app.clock.monotonic());
    return looks.length < count ? task.waiting : last;
  };
  return { looks };
}

describe.each(Object.entries(TASKS))("%s", (_name, task) => {
  test("is asked every two seconds until it is done", async () => {
    const { looks } = script(task, 4);
    const answer = await task.ask();
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject(task.expected);
    expect(looks.map((at) => at - looks[0]!)).toEqual([0, 2000, 4000, 6000]);
  });

  test("is given up after two minutes, and not begun anew", async () => {
    const { looks } = script(task, Infinity);
    const answer = await task.ask();
    expect(answer.status).toBe(504);
    expect(looks.at(-1)! - looks[0]!).toBe(120_000);
    const begun = app.outbound.sent.filter((sent) => !task.isLook(sent) && !sent.url.endsWith("/upload"));
    expect(begun).toHaveLength(1);
  });

  test("that fails is an error of the provider", async () => {
    script(task, 2, task.failed);
    const answer = await task.ask();
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(app.lastRequest().attempts[0]!.outcome).not.toBe("ok");
  });
});

test("a client that leaves ends the waiting", async () => {
  const task = TASKS.assemblyai!;
  const { looks } = script(task, Infinity);
  const leaving = new AbortController();
  app.clock.after(5000, () => leaving.abort());
  await app
    .call("/v1/audio/transcriptions", sound("assemblyai/universal-2"), {
      signal: leaving.signal,
      withinMs: 60_000,
    })
    .catch(() => {});
  expect(looks.length).toBeLessThanOrEqual(4);
  expect(app.lastRequest().status).toBe(499);
});
