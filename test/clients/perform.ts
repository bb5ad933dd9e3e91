import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { listRequests } from "../../src/store/index.ts";
import { closedPort } from "../kit/upstream.ts";
import type { Launch, Program, Way } from "./recipes/recipe.ts";
import { setStage, type Stage } from "./stage.ts";
import { startTap } from "./tap.ts";
import { promptOf, type Task } from "./task.ts";

export const RUN_SECONDS = 120;

export type Outcome = {
  seconds: number;
  /** What went wrong; empty when the task was done. */
  problems: string[];
  /** What a vendor refused before the gateway found a way, in a run that went well. */
  refusals: string[];
};

export type Casting = {
  way: Way;
  program: Program;
  /** A name of `BACKINGS`. */
  backing: string;
  /** Where to write down what passes; nowhere when left out. */
  record?: string;
};

/** Lets one client do the task over one upstream format, and says how it went. Leaves nothing behind. */
export async function perform({ way, program, backing, record }: Casting): Promise<Outcome> {
  const stage = await setStage(backing);
  const tap = record === undefined ? undefined : startTap(stage.gateway.url, record);
  const home = mkdtempSync(join(tmpdir(), "omniroute-client-"));
  const work = join(home, "work");
  mkdirSync(work);
  const nonce = Bun.hash(home).toString(36).slice(0, 6);
  const task: Task = { line: `hello-${nonce}`, path: join(work, "hello.txt"), done: `DONE-${nonce}` };
  const started = performance.now();
  try {
    const launch = way.launch({
      root: tap?.url ?? stage.gateway.url,
      key: stage.key,
      model: stage.model,
      prompt: promptOf(task),
      home,
    });
    const ended = await runProgram(launch, program, home, work);
    const problems = judge(task, ended, stage);
    if (record !== undefined)
      writeFileSync(join(record, "output.txt"), `${ended.output}\n\n${ended.complaints}\n`);
    const refusals = [...new Set(stage.upstreams.flatMap((upstream) => upstream.refusals))];
    return { seconds: (performance.now() - started) / 1000, problems, refusals };
  } finally {
    killHeirs(home);
    await tap?.stop();
    await stage.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

type Ended = { code: number | null; output: string; complaints: string; late: boolean };

async function runProgram(
  launch: Launch,
  { program, path }: Program,
  home: string,
  work: string,
): Promise<Ended> {
  for (const [name, content] of Object.entries(launch.files ?? {})) {
    const file = join(home, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  const nowhere = `http://127.0.0.1:${await closedPort()}`;
  const child = Bun.spawn([program, ...launch.args], {
    cwd: work,
    env: {
      HOME: home,
      PATH: path,
      TERM: "dumb",
      LANG: "C.UTF-8",
      TMPDIR: tmpdir(),
      // The clients may reach this machine and nothing else.
      HTTP_PROXY: nowhere,
      HTTPS_PROXY: nowhere,
      http_proxy: nowhere,
      https_proxy: nowhere,
      NO_PROXY: "127.0.0.1,localhost,::1",
      no_proxy: "127.0.0.1,localhost,::1",
      NODE_USE_ENV_PROXY: "1",
      ...launch.env,
    },
    stdin: launch.stdin === undefined ? "ignore" : new TextEncoder().encode(launch.stdin),
    stdout: "pipe",
    stderr: "pipe",
  });
  let late = false;
  const alarm = setTimeout(() => {
    late = true;
    killHeirs(home);
  }, RUN_SECONDS * 1000);
  const output = new Response(child.stdout).text();
  const complaints = new Response(child.stderr).text();
  const code = await child.exited;
  clearTimeout(alarm);
  // A daemon left behind holds the pipes open.
  killHeirs(home);
  return { code, output: await output, complaints: await complaints, late };
}

/** Ends every process that was started with this home directory: the client, its children and its daemons. */
function killHeirs(home: string): void {
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    try {
      if (readFileSync(`/proc/${entry}/environ`, "utf8").split("\0").includes(`HOME=${home}`))
        process.kill(Number(entry), "SIGKILL");
    } catch {
      // It is gone already, or not ours to look at.
    }
  }
}

/** What was not as it should be; nothing when the task was done and no request was refused. */
function judge(task: Task, ended: Ended, stage: Stage): string[] {
  const problems: string[] = [];
  if (ended.late) problems.push(`not done within ${RUN_SECONDS} s`);
  else if (ended.code !== 0) problems.push(`exit code ${ended.code}`);
  const written = existsSync(task.path) ? readFileSync(task.path, "utf8") : undefined;
  if (written?.trim() !== task.line)
    problems.push(written === undefined ? "no file" : `the file holds: ${written}`);
  if (!ended.output.includes(task.done)) problems.push("no final answer");
  const [first, second] = stage.upstreams;
  if (second && (second.turns() === 0 || first?.turns() === 0))
    problems.push("the second target was never asked");
  for (const { status, path, errorMessage } of listRequests(stage.gateway.engine.store, { limit: 100 })
    .requests)
    if (status >= 400) problems.push(`${status} at ${path}: ${errorMessage ?? ""}`);
  problems.push(...stage.gateway.log.slice(0, 3).map((line) => `log: ${line.trim()}`));
  if (problems.length > 0) problems.push(`said: ${lastWords(ended)}`);
  return [...new Set(problems)];
}

function lastWords({ output, complaints }: Ended): string {
  const lines = `${output}\n${complaints}`.split("\n").filter((line) => line.trim() !== "");
  return lines.slice(-3).join(" | ").slice(0, 600);
}
