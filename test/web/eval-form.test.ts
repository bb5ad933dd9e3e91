import { afterAll, beforeAll, expect, test } from "bun:test";
import type { TestGateway } from "../kit/gateway.ts";
import { signedInVisitor, type Visitor } from "./kit.ts";

const NEW = "/dashboard/usage/evals/new";
let gateway: TestGateway;
let visitor: Visitor;
beforeAll(async () => {
  ({ gateway, visitor } = await signedInVisitor());
});
afterAll(() => gateway.stop());

type Row = { [field: string]: string };

/** The form with these questions, as a browser sends it. */
function sent(rows: readonly Row[], more: Row = {}): Row {
  const fields: Row = { suite: "mine", name: "Mine", description: "", ...more };
  const empty = {
    id: "",
    name: "",
    input: "",
    "expected.value": "",
    "expected.flags": "",
    tags: "",
    rest: "",
  };
  for (const [index, row] of rows.entries()) {
    const whole = { ...empty, "expected.strategy": "contains", "expected.model": "", ...row };
    for (const [field, value] of Object.entries(whole)) fields[`cases.${index}.${field}`] = value;
  }
  return fields;
}
const post = async (path: string, fields: Row, language = "en") =>
  visitor.post(path, fields, { "accept-language": language });
const stored = (id = "mine") => gateway.engine.evals.suites.find(id).cases;

test("questions are written field by field; ids come from names, newlines stay", async () => {
  const rows: Row[] = [
    { name: "Capital of Perú", input: "Which city?", "expected.value": "Lima", tags: "knowledge, easy" },
    {
      id: "sky",
      name: "Sky",
      input: "a\r\nb",
      "expected.strategy": "regex",
      "expected.value": "blue",
      "expected.flags": "i",
    },
    {
      name: "??",
      input: "x",
      "expected.strategy": "judge",
      "expected.value": "kind",
      "expected.model": "mock/echo",
    },
  ];
  expect((await post(`${NEW}?do=saveFields`, sent(rows))).status).toBe(303);
  expect(stored()).toEqual([
    {
      id: "capital-of-peru",
      name: "Capital of Perú",
      input: "Which city?",
      expected: { strategy: "contains", value: "Lima" },
      tags: ["knowledge", "easy"],
    },
    {
      id: "sky",
      name: "Sky",
      input: "a\nb",
      expected: { strategy: "regex", value: "blue", flags: "i" },
      tags: [],
    },
    {
      id: "question-3",
      name: "??",
      input: "x",
      expected: { strategy: "judge", value: "kind", model: "mock/echo" },
      tags: [],
    },
  ]);
});

test.each<[string, string, string, string]>([
  ["regex", "(", "This is no pattern that can be used: ", "Este padrão não pode ser usado: "],
  ["regex", "(a)\\1", "This is no pattern that can be used: ", "Este padrão não pode ser usado: "],
  ["custom", "output.length >", "This expression cannot be read: ", "Esta expressão não pode ser lida: "],
  ["exact", "", "This must not be empty.", "Isto não pode ficar vazio."],
])(
  "what cannot be checked (%s %j) is told at its field, in both languages",
  async (strategy, value, en, pt) => {
    const good = { name: "Good", input: "x", "expected.value": "y" };
    const bad = { name: "Bad", input: "x", "expected.strategy": strategy, "expected.value": value };
    for (const [language, words] of [
      ["en", en],
      ["pt-BR", pt],
    ] as const) {
      const answer = await post(`${NEW}?do=saveFields`, sent([good, bad], { suite: "bad" }), language);
      expect(answer.status).toBe(400);
      const page = await answer.text();
      const [, id] = /<textarea id="([^"]*)"[^>]*name="cases\.1\.expected\.value"/.exec(page) ?? [];
      expect(page.includes(`<p class="field-fault" id="${id}-fault">${words}`), words).toBe(true);
      expect(page).not.toMatch(/name="cases\.0\.expected\.value"[^>]*aria-invalid/);
      expect(page).toContain('value="Bad"');
    }
  },
);

test("questions are added, moved and removed, and what was typed stays", async () => {
  const rows = [
    { name: "One", input: "1", "expected.value": "a" },
    { name: "Two", input: "2", "expected.value": "b" },
  ];
  const namesAfter = async (move: string) => {
    const page = await (await post(`${NEW}?do=arrange`, sent(rows, { move }))).text();
    return [...page.matchAll(/name="cases\.\d+\.name"[^>]*? value(?:="([^"]*)")?/g)].map(
      ([, name]) => name ?? "",
    );
  };
  expect(await namesAfter("add")).toEqual(["One", "Two", ""]);
  expect(await namesAfter("down:0")).toEqual(["Two", "One"]);
  expect(await namesAfter("up:1")).toEqual(["Two", "One"]);
  expect(await namesAfter("remove:0")).toEqual(["Two"]);
  expect(await namesAfter("remove:9")).toEqual(["One", "Two"]);
});

test("what the form does not show comes through it unharmed", async () => {
  const input = {
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Old question" },
    ],
    temperature: 0,
  } as const;
  const one = {
    id: "talk",
    name: "Talk",
    model: "mock/echo",
    input,
    expected: { strategy: "contains", value: "x" },
  } as const;
  gateway.engine.evals.suites.save("talks", { name: "Talks", cases: [one] }, { name: "test" });
  const page = await (await visitor.get("/dashboard/usage/evals/talks?edit=form")).text();
  expect(page).toContain("One message comes before it");
  const [, rest = ""] = /name="cases\.0\.rest" value="([^"]*)"/.exec(page) ?? [];
  const typed = {
    ...one,
    input: "New question",
    "expected.value": "y",
    rest: rest.replaceAll("&quot;", '"'),
  };
  const { expected: _expected, model: _model, ...row } = typed;
  await post("/dashboard/usage/evals/talks?do=saveFields", sent([row], { suite: "talks", name: "Talks" }));
  expect(stored("talks")).toEqual([
    {
      ...one,
      input: { ...input, messages: [input.messages[0], { role: "user", content: "New question" }] },
      expected: { strategy: "contains", value: "y" },
      tags: [],
    },
  ]);
});

test("JSON stays beside the form, and long suites are edited as JSON only", async () => {
  expect(await (await visitor.get(`${NEW}?edit=json`)).text()).toContain('name="cases"');
  expect(await (await visitor.get(NEW)).text()).toContain('name="cases.0.name"');
  const cases = Array.from({ length: 61 }, (_, index) => ({
    id: `q${index}`,
    name: `Q${index}`,
    input: "x",
    expected: { strategy: "exact" as const, value: "x" },
  }));
  gateway.engine.evals.suites.save("long", { name: "Long", cases }, { name: "test" });
  const page = await (await visitor.get("/dashboard/usage/evals/long?edit=form")).text();
  expect(page).toContain('name="cases"');
  expect(page).not.toContain('name="cases.0.name"');
});
