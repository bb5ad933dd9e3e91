import type { Command } from "commander";
import { group, type JsonFlags, type Report, withJson } from "./command-words.ts";
import type { CliContext } from "./context.ts";
import {
  compareEvals,
  importEval,
  listEvals,
  removeEval,
  runEval,
  type RunFlags,
  showRuns,
} from "./evals.ts";

/** `omniroute eval …`: questions with known answers, asked of models. */
export function addEvalCommands(program: Command, context: CliContext, done: Report): void {
  const evals = group(program, "eval", "questions with known answers, asked of models");
  withJson(evals.command("list").description("list the suites")).action(async (flags: JsonFlags) =>
    done(await listEvals(context, flags)),
  );
  withJson(evals.command("run").description("ask models the cases of a suite").argument("<suite>"))
    .option("--model <name...>", "models, aliases and combos to ask; without any, each case's own")
    .option("--tag <tag...>", "only cases with one of these tags")
    .option("--judge <model>", "the model that judges, where a case names none")
    .option("--parallel <number>", "how many calls at a time, at most 16", "4")
    .option("--estimate", "tell what it would cost, and ask nobody")
    .action(async (suite: string, flags: RunFlags) => done(await runEval(context, suite, flags)));
  withJson(evals.command("runs").description("list the kept runs, or tell one").argument("[run]")).action(
    async (id: string | undefined, flags: JsonFlags) => done(await showRuns(context, id, flags)),
  );
  withJson(evals.command("compare").description("put runs side by side").argument("<run...>")).action(
    async (ids: string[], flags: JsonFlags) => done(await compareEvals(context, ids, flags)),
  );
  withJson(evals.command("import").description("save the suite in a JSON file").argument("<file>")).action(
    async (file: string, flags: JsonFlags) => done(await importEval(context, file, flags)),
  );
  withJson(evals.command("remove").description("remove a suite of your own").argument("<suite>")).action(
    async (suite: string, flags: JsonFlags) => done(await removeEval(context, suite, flags)),
  );
}
