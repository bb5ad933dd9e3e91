import {
  type Answer,
  type AnswerFacts,
  bodyOf,
  factsOf,
  MOST_MODELS,
  parametersIn,
  type Turn,
  WIDTHS,
} from "../pages/playground/chat.ts";
import { fillIn } from "./template.ts";

const ADDRESS = "/api/playground/chat";
/** Answers stream into their columns while they are written, and can be stopped. */
export function start(root: HTMLElement): void {
  const form = root.querySelector("form")!;
  const prompt = form.querySelector<HTMLTextAreaElement>('[name="prompt"]')!;
  const carried = form.querySelector<HTMLInputElement>("[data-turns]")!;
  const [send, stop, more] = ["send", "stop", "more"].map((name) =>
    form.querySelector<HTMLButtonElement>(`[data-${name}]`)!,
  ) as [HTMLButtonElement, HTMLButtonElement, HTMLButtonElement];
  const turns = JSON.parse(carried.value) as Turn[];
  let running: AbortController | undefined;

  const columns = () => [...form.querySelectorAll<HTMLElement>("[data-column]")];
  const modelOf = (column: HTMLElement) => column.querySelector<HTMLInputElement>('[name="model"]')!;

  const ask = async (question: string) => {
    const asked = new AbortController();
    running = asked;
    showRunning(true);
    prompt.value = "";
    const field = (name: string) => (form.elements.namedItem(name) as HTMLInputElement | null)?.value ?? "";
    const parameters = parametersIn(field);
    keepInAddress();
    const answers = await Promise.all(
      columns().map(async (column, index) => {
        const model = modelOf(column).value.trim();
        if (model === "") return null;
        const body = bodyOf(model, { column: index, turns, question, stream: true }, parameters);
        return fill(root, column, question, model, body, asked.signal);
      }),
    );
    turns.push({ question, answers });
    carried.value = JSON.stringify(turns);
    running = undefined;
    showRunning(false);
  };
  const showRunning = (isRunning: boolean) => {
    send.disabled = isRunning;
    stop.hidden = !isRunning;
    for (const column of columns())
      column.querySelector<HTMLButtonElement>("[data-remove]")!.disabled = isRunning;
    if (!isRunning) {
      arrange();
      prompt.focus();
    }
  };
  const keepInAddress = () => {
    const query = new URLSearchParams(columns().map((column) => ["model", modelOf(column).value]));
    history.replaceState(null, "", `?${query}`);
  };
  const arrange = () => {
    const all = columns();
    const grid = form.querySelector<HTMLElement>("[data-columns]")!;
    grid.className = `playground-columns ${WIDTHS[all.length]}`;
    more.disabled = all.length >= MOST_MODELS || running !== undefined;
    for (const [index, column] of all.entries()) {
      const label = words(root, "column").replace("{position}", String(index + 1));
      for (const named of [column, modelOf(column), column.querySelector("[data-log]")!])
        named.setAttribute("aria-label", label);
      column.querySelector<HTMLButtonElement>("[data-remove]")!.disabled = all.length === 1;
    }
  };

  form.addEventListener("submit", (event) => {
    const pressed = (event as SubmitEvent).submitter;
    event.preventDefault();
    if (pressed === more) {
      const last = columns().at(-1)!;
      const column = last.cloneNode(true) as HTMLElement;
      for (const said of column.querySelectorAll("[data-question], [data-answer]")) said.remove();
      modelOf(column).value = "";
      last.after(column);
      arrange();
      modelOf(column).focus();
    } else if (pressed?.hasAttribute("data-remove")) {
      const gone = pressed.closest<HTMLElement>("[data-column]")!;
      const index = columns().indexOf(gone);
      for (const { answers } of turns) answers.splice(index, 1);
      gone.remove();
      arrange();
    } else if (running === undefined && prompt.value.trim() !== "") {
      void ask(prompt.value.trim());
    }
  });
  stop.addEventListener("click", () => running?.abort());
  prompt.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (running === undefined) form.requestSubmit(send);
  });
}

/** Writes a question and its answer into a column as it comes. Never rejects. */
async function fill(
  root: HTMLElement,
  column: HTMLElement,
  question: string,
  model: string,
  body: object,
  signal: AbortSignal,
): Promise<Answer> {
  const log = column.querySelector<HTMLElement>("[data-log]")!;
  const asked = fillIn(root, "question");
  asked.textContent = question;
  const place = fillIn(root, "answer");
  log.querySelector(".playground-hint")?.before(asked, place);
  const part = (name: string) => place.querySelector<HTMLElement>(`[data-${name}]`)!;
  const answer: Answer = { model, text: "", reasoning: "", facts: {} };
  place.setAttribute("aria-busy", "true");
  log.scrollTop = log.scrollHeight;

  const show = () => {
    const follows = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    part("text").textContent = answer.text;
    part("reasoning").hidden = answer.reasoning === "";
    part("reasoning-text").textContent = answer.reasoning;
    part("error").hidden = answer.error === undefined;
    part("error").textContent = answer.error ?? "";
    if (follows) log.scrollTop = log.scrollHeight;
  };
  try {
    await readAnswer(body, signal, answer, show);
  } catch {
    answer.error = words(root, signal.aborted ? "stopped" : "lost");
  }
  show();
  showFacts(root, part("facts"), answer.facts);
  place.removeAttribute("aria-busy");
  log.scrollTop = log.scrollHeight;
  return answer;
}

async function readAnswer(
  body: object,
  signal: AbortSignal,
  answer: Answer,
  show: () => void,
): Promise<void> {
  const response = await fetch(ADDRESS, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  answer.facts = factsOf((name) => response.headers.get(name));
  if (!response.ok || !response.body) {
    const told = (await response.json()) as { error?: { message?: string }; requestId?: string };
    answer.error = told.error?.message ?? String(response.status);
    if (told.requestId !== undefined) answer.facts.requestId ??= told.requestId;
    return;
  }
  const told = new Map<string, string>();
  for await (const line of linesOf(response.body)) {
    const [, name = "", value = ""] = /^: (x-omniroute-[\w-]+)=(.*)$/.exec(line) ?? [];
    if (name !== "") told.set(name, value);
    if (!line.startsWith("data: {")) continue;
    const chunk = JSON.parse(line.slice("data: ".length)) as Chunk;
    const delta = chunk.choices?.[0]?.delta;
    answer.text += delta?.content ?? "";
    answer.reasoning += delta?.reasoning_content ?? "";
    if (chunk.error) answer.error = chunk.error.message ?? "";
    show();
  }
  Object.assign(
    answer.facts,
    factsOf((name) => told.get(name) ?? null),
  );
}

type Chunk = {
  choices?: { delta?: { content?: string | null; reasoning_content?: string | null } }[];
  error?: { message?: string };
};

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = stream
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  let rest = "";
  for (;;) {
    const { done, value = "" } = await reader.read();
    const lines = (rest + value).split("\n");
    rest = done ? "" : (lines.pop() ?? "");
    yield* lines;
    if (done) return;
  }
}

function showFacts(root: HTMLElement, place: HTMLElement, facts: AnswerFacts): void {
  const { lang } = document.documentElement;
  const { by, tokensIn, tokensOut, cost, latencyMs, requestId } = facts;
  const number = new Intl.NumberFormat(lang);
  const told = [by];
  if (tokensIn !== undefined && tokensOut !== undefined)
    told.push(
      words(root, "tokens")
        .replace("{in}", number.format(tokensIn))
        .replace("{out}", number.format(tokensOut)),
    );
  if (cost !== undefined) told.push(money(cost, lang));
  if (latencyMs !== undefined) told.push(duration(latencyMs, lang));
  place.textContent = told.filter((each) => each !== undefined).join(" · ");
  if (requestId === undefined) return;
  const link = document.createElement("a");
  link.className = "link";
  link.href = `/dashboard/logs/${requestId}`;
  link.textContent = words(root, "receipt");
  place.append(place.textContent === "" ? "" : " · ", link);
}

function money(value: number, lang: string): string {
  const digits = value === 0 || value >= 1 ? 2 : value >= 0.01 ? 3 : 5;
  return new Intl.NumberFormat(lang, {
    style: "currency",
    currency: "USD",
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: 2,
    maximumFractionDigits: digits,
  }).format(value);
}

function duration(ms: number, lang: string): string {
  const isLong = ms >= 1000;
  return new Intl.NumberFormat(lang, {
    style: "unit",
    unit: isLong ? "second" : "millisecond",
    unitDisplay: "narrow",
    maximumFractionDigits: isLong ? 1 : 0,
  }).format(isLong ? ms / 1000 : ms);
}

function words(root: HTMLElement, name: string): string {
  return (JSON.parse(root.dataset["words"] ?? "{}") as { [name: string]: string })[name] ?? "";
}
