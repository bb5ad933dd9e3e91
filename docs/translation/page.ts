import type { FormatId } from "../../src/core/reply.ts";
import {
  ANSWER_PROBES,
  FORMAT_IDS,
  type Outcome,
  PROBES,
  surveyAnswer,
  surveyRequest,
  TARGETS,
} from "./survey.ts";

const NAMES: Readonly<Record<FormatId, string>> = {
  "openai-chat": "Chat Completions",
  "openai-responses": "Responses",
  anthropic: "Messages",
  gemini: "Gemini",
};

/** What is carried between the formats, as a page in Markdown, found out by asking the code. */
export function translationPage(): string {
  return (
    [HEAD, ...FORMAT_IDS.map(requestSection), ANSWERS_HEAD, ...FORMAT_IDS.map(answerSection)].join("\n\n") +
    "\n"
  );
}

const HEAD = `# What the translation carries

This page is made by \`bun run docs\`: every line below was found out by sending a request through the code, none is written by hand. A test fails when the page and the code differ.

Clients speak one of four formats, and so do providers. What a client asks for becomes one of these:

| | |
| --- | --- |
| **✓** | carried: read back on the other side, it says the same |
| **≈** | adapted: said in other words, or only in part |
| **–** | left out: the other side has no words for it, and leaving it out does no harm |
| **!** | the client is told, in the header \`x-omniroute-warnings\` and in the log; the words stand below each table |
| **400** | refused in the client's own error shape, because anything else would be another request |

Behind the mark stands where it goes on the provider's wire. Between a client and a provider of the same format the bytes pass untouched wherever they can; the tables show what happens when they have to be written anew. The models asked were ${TARGETS.map(({ title, model }) => `\`${model}\` (${title})`).join(", ")}; models that can do less lose more, and say so the same way.`;

function requestSection(client: FormatId): string {
  const told = new Map<string, string[]>();
  const tables = PROBES.flatMap(({ title, probes }) => {
    const rows = probes.flatMap((probe) => {
      const outcomes = TARGETS.map((target) => surveyRequest(probe, client, target));
      if (outcomes.some((outcome) => outcome === undefined)) return [];
      for (const [index, outcome] of outcomes.entries())
        for (const words of outcome?.told ?? [])
          told.set(`${probe.name} | ${words}`, [
            ...(told.get(`${probe.name} | ${words}`) ?? []),
            TARGETS[index]?.title ?? "",
          ]);
      return [row(probe.name, outcomes.map(cell))];
    });
    return rows.length === 0 ? [] : [table([title, ...TARGETS.map((target) => target.title)], rows)];
  });
  const words = [...told].map(([key, targets]) => {
    const [name, said] = key.split(" | ");
    return `- *${name}* → ${targets.join(", ")}: ${said}`;
  });
  return [
    `## Requests of ${NAMES[client]} clients`,
    tables.join("\n\n"),
    ...(words.length > 0 ? [`What is told:\n\n${words.join("\n")}`] : []),
  ].join("\n\n");
}

const ANSWERS_HEAD = `## Answers

Each table is one client's; the columns are the formats that the provider may speak. An empty place means that the provider's format has no words for the thing.`;

function answerSection(client: FormatId): string {
  const rows = ANSWER_PROBES.map((probe) =>
    row(
      probe.name,
      FORMAT_IDS.map((provider) => {
        const outcome = surveyAnswer(probe, provider, client);
        return outcome ? cell(outcome) : "";
      }),
    ),
  );
  return `### To ${NAMES[client]} clients\n\n${table(["", ...FORMAT_IDS.map((provider) => NAMES[provider])], rows)}`;
}

const MARKS: Readonly<Record<Outcome["kind"], string>> = {
  carried: "✓",
  adapted: "≈",
  dropped: "–",
  refused: "400",
};
const MOST_PLACES = 2;

function cell(outcome: Outcome | undefined): string {
  if (!outcome) return "";
  const { kind, told, where } = outcome;
  const mark = MARKS[kind] + (told.length > 0 && kind !== "refused" ? " !" : "");
  const places = where.slice(0, MOST_PLACES).map((path) => `\`${path}\``);
  return [mark, ...places, ...(where.length > MOST_PLACES ? ["…"] : [])].join(" ");
}

const row = (name: string, cells: readonly string[]): string => `| ${[name, ...cells].join(" | ")} |`;

const table = (head: readonly string[], rows: readonly string[]): string =>
  [row(head[0] ?? "", head.slice(1)), `| ${head.map(() => "---").join(" | ")} |`, ...rows].join("\n");
