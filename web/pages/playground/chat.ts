// Knows neither the server nor the browser: both sides of the page speak through it.

export const MOST_MODELS = 4;
/** The class of the row of talks, by their number. */
export const WIDTHS = ["", "playground-one", "playground-two", "playground-three", "playground-four"];

/** One question and what each column answered, in their order; null for a column that was not asked. */
export type Turn = { question: string; answers: (Answer | null)[] };

export type Answer = {
  model: string;
  text: string;
  reasoning: string;
  /** Why there is none, or why it ends where it does. */
  error?: string;
  facts: AnswerFacts;
};

/** What is known of a call afterwards. Cost in USD, times in milliseconds. */
export type AnswerFacts = {
  requestId?: string;
  /** The model that answered, where another was asked for. */
  by?: string;
  tokensIn?: number;
  tokensOut?: number;
  cost?: number;
  latencyMs?: number;
};

/** How models are asked; what is not set is left to them. */
export type Parameters = {
  system: string;
  temperature?: number;
  topP?: number;
  maxTokens?: number;
  effort?: string;
};

export const EFFORTS = ["minimal", "low", "medium", "high"] as const;

/** The call for one column: its own answers so far, and the new question. */
export function bodyOf(
  model: string,
  {
    column,
    turns,
    question,
    stream,
  }: { column: number; turns: readonly Turn[]; question: string; stream: boolean },
  { system, temperature, topP, maxTokens, effort }: Parameters,
): object {
  const before = turns.flatMap(({ question: asked, answers }) => {
    const answer = answers[column];
    if (!answer || answer.text === "") return [];
    return [
      { role: "user", content: asked },
      { role: "assistant", content: answer.text },
    ];
  });
  return {
    model,
    messages: [
      ...(system === "" ? [] : [{ role: "system", content: system }]),
      ...before,
      { role: "user", content: question },
    ],
    ...(stream && { stream }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(effort !== undefined && { reasoning_effort: effort }),
  };
}

/** What an answer's headers tell. */
export function factsOf(header: (name: string) => string | null): AnswerFacts {
  const facts: AnswerFacts = {};
  const text = (name: string) => header(`x-omniroute-${name}`) ?? undefined;
  const number = (name: string) => {
    const value = Number(text(name) ?? Number.NaN);
    return Number.isFinite(value) ? value : undefined;
  };
  return Object.assign(
    facts,
    withoutGaps({
      requestId: text("request-id"),
      by: text("model"),
      tokensIn: number("tokens-in"),
      tokensOut: number("tokens-out"),
      cost: number("response-cost"),
      latencyMs: number("latency-ms"),
    }),
  );
}

function withoutGaps<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** The fields of the page's form that say how to ask. */
export function parametersIn(field: (name: string) => string): Parameters {
  const number = (name: string) => {
    const text = field(name).trim().replace(",", ".");
    return text === "" || !Number.isFinite(Number(text)) ? undefined : Number(text);
  };
  const effort = EFFORTS.find((each) => each === field("effort"));
  return {
    system: field("system").trim(),
    ...withoutGaps({
      temperature: number("temperature"),
      topP: number("topP"),
      maxTokens: number("maxTokens"),
      effort,
    }),
  };
}
