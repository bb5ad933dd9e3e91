import type { ApiDocument, Operation } from "../../../src/http/api-document.ts";

/** A call of either API, with its address; `:names` in it stand for what the caller puts there. */
export type ApiCall = Operation & {
  method: string;
  path: string;
  /** The same with capitals in their place, for an example. */
  example: string;
  group: string;
};

/** All calls, those of clients first, then those of management by their first word. */
export function callsOf({ paths }: ApiDocument): ApiCall[] {
  const calls = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      // PUT and PATCH are one.
      .filter(([method]) => method !== "patch" || methods["put"]?.summary !== methods["patch"]?.summary)
      .map(([method, operation]) => ({
        ...operation,
        method: method.toUpperCase(),
        path: path.replace(/\{(\w+)\}/g, ":$1"),
        example: path.replace(/\{(\w+)\}/g, (_all, name: string) => name.toUpperCase()),
        group: operation.tags[0] ?? "",
      })),
  );
  const isClients = ({ security }: ApiCall) =>
    security.length > 0 && security.every((way) => !("session" in way));
  const [clients, managing] = [calls.filter(isClients), calls.filter((call) => !isClients(call))];
  return [...clients, ...managing.toSorted((left, right) => left.group.localeCompare(right.group))];
}

/** Those whose address, sentence or fields hold every word of the question. */
export function matching(calls: readonly ApiCall[], question: string): ApiCall[] {
  const words = question.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...calls];
  return calls.filter((call) => {
    const text =
      `${call.method} ${call.path} ${call.summary} ${JSON.stringify(call.requestBody ?? "")}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
