import { badRequest, GatewayError } from "../core/errors.ts";
import { parseInput } from "../core/parse-input.ts";
import { type Actor, audit } from "../manage/index.ts";
import { readValue, readValues, saveValue, type Store } from "../store/index.ts";
import { verify } from "./checks/index.ts";
import { GOLDEN_SET } from "./golden-set.ts";
import { RESERVED_IDS, type Suite, SUITE_ID, suiteInput } from "./suite.ts";

const NAMESPACE = "evalSuites";
const MOST_SUITES = 100;
const BUILT_IN: readonly Suite[] = [GOLDEN_SET];

/** All suites: ours first, then people's own by id. */
export function listSuites(store: Store): Suite[] {
  const own = Object.entries(readValues(store, NAMESPACE)).flatMap(([id, value]) => ownSuite(id, value));
  return [...BUILT_IN, ...own];
}

/** The suite of an id. Throws `not_found`. */
export function suiteById(store: Store, id: string): Suite {
  const found = BUILT_IN.find((suite) => suite.id === id) ?? ownSuite(id, readValue(store, NAMESPACE, id))[0];
  if (found) return found;
  throw new GatewayError("not_found", `There is no suite \`${id.slice(0, 100)}\`.`);
}

/** Adds a suite of one's own or replaces it. Throws `bad_request`; `conflict` for a built-in one's id. */
export function saveSuite(store: Store, id: string, input: unknown, actor: Actor): Suite {
  if (!SUITE_ID.test(id) || RESERVED_IDS.includes(id))
    throw badRequest(
      "A suite's id is 1 to 64 lower-case letters, digits, _ and -, and no word of ours.",
      "id",
    );
  refuseBuiltIn(id);
  const fields = parseInput(suiteInput, input);
  for (const [index, { expected }] of fields.cases.entries()) verified(index, () => verify(expected));
  const before = readValues(store, NAMESPACE);
  if (!(id in before) && Object.keys(before).length >= MOST_SUITES)
    throw badRequest(`There are ${MOST_SUITES} suites already: remove one first.`);
  saveValue(store, NAMESPACE, id, fields);
  audit(store, actor, "eval-suite.save", id, { cases: fields.cases.length });
  return { ...fields, id, builtIn: false };
}

/** Removes a suite of one's own; its runs stay. Throws `not_found`; `conflict` for a built-in one. */
export function removeSuite(store: Store, id: string, actor: Actor): void {
  refuseBuiltIn(id);
  suiteById(store, id);
  saveValue(store, NAMESPACE, id, undefined);
  audit(store, actor, "eval-suite.remove", id);
}

function ownSuite(id: string, value: unknown): Suite[] {
  const checked = suiteInput.safeParse(value);
  return checked.success ? [{ ...checked.data, id, builtIn: false }] : [];
}

function refuseBuiltIn(id: string): void {
  if (BUILT_IN.some((suite) => suite.id === id))
    throw new GatewayError("conflict", `The suite \`${id}\` is built in: save a copy under another id.`);
}

/** Says which case it is that cannot be checked. */
function verified(index: number, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    throw badRequest(`cases.${index}.expected: ${error.message}`, `cases.${index}.expected.value`);
  }
}
