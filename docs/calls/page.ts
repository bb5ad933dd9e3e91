import type { ApiDocument, Operation } from "../../src/http/api-document.ts";

const HEAD = `# All calls

Written by \`bun run docs\` from the routes themselves. A running server shows the same with every field of bodies and answers: on the page **API reference** of its dashboard, and at \`GET /api/openapi.json\`. What the calls mean together is told in [API.md](API.md).
`;

type Row = Operation & { method: string; path: string };

/** The page about all calls, from what both APIs tell of themselves. */
export function callsPage({ paths }: ApiDocument): string {
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Row => ({
      ...operation,
      method: method.toUpperCase(),
      path,
    })),
  );
  const isClients = ({ security }: Row) =>
    security.length > 0 && security.every((way) => !("session" in way));
  return [
    HEAD,
    "## Calls of clients\n",
    "A key of scope `inference`; where keys are optional, anybody on this machine.\n",
    tableOf(rows.filter(isClients), ["call", "what it does"], ({ summary }) => [summary]),
    "## Calls of management\n",
    tableOf(
      rows.filter((row) => !isClients(row)),
      ["call", "what it does", "who may"],
      ({ summary, description }) => [summary, description.replace(/^Who may: /, "")],
    ),
  ].join("\n");
}

/** Calls of one path that do the same stand in one row. */
function tableOf(rows: readonly Row[], titles: readonly string[], cells: (row: Row) => string[]): string {
  const same = Map.groupBy(rows, (row) => `${row.path} ${row.summary}`);
  const lines = [...same.values()]
    .map((calls) => {
      const methods = calls.map(({ method }) => method).join(" ");
      return [`\`${methods} ${calls[0]!.path}\``, ...cells(calls[0]!)];
    })
    .toSorted(([left = ""], [right = ""]) => compare(left.split(" ").at(-1)!, right.split(" ").at(-1)!));
  return [
    `| ${titles.join(" | ")} |`,
    `| ${titles.map(() => "---").join(" | ")} |`,
    ...lines.map((line) => `| ${line.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`),
    "",
  ].join("\n");
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
