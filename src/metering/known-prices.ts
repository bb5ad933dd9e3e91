import type { Price } from "../core/provider.ts";
import { Lru } from "../lib/lru.ts";

/** Our providers, and whose price list holds for them there. A plan's shadow price is that of its vendor. */
const LISTS: Readonly<{ [provider: string]: string }> = {
  anthropic: "anthropic",
  claude: "anthropic",
  openai: "openai",
  codex: "openai",
  github: "openai",
  gemini: "google",
  "gemini-cli": "google",
  xai: "x-ai",
  mistral: "mistral",
  deepseek: "deepseek",
  groq: "groq",
  cohere: "cohere",
  perplexity: "perplexity",
  fireworks: "fireworks",
  together: "together",
  cerebras: "cerebras",
  openrouter: "openrouter",
};

/**
 * List prices of models that our own tables do not know, out of the table that the `genai-prices` project keeps
 * (https://github.com/pydantic/genai-prices). The table is built in; nothing is fetched.
 */
export class ListPrices {
  /** Looking one up takes a tenth of a millisecond, so each is looked up once. */
  readonly #known = new Lru<string, Price | "unknown">(2000);

  /** USD per 1M tokens, base tier; undefined when it does not know either. */
  find(providerId: string, modelId: string): Price | undefined {
    const list = LISTS[providerId];
    if (list === undefined) return undefined;
    const key = `${list}\u0000${modelId}`;
    let found = this.#known.get(key);
    if (found === undefined) this.#known.set(key, (found = lookUp(list, modelId) ?? "unknown"));
    return found === "unknown" ? undefined : found;
  }
}

/** Its tables take half a megabyte and some milliseconds to build; most installations never ask for them. */
const genaiPrices = () => require("@pydantic/genai-prices") as typeof import("@pydantic/genai-prices");

function lookUp(providerId: string, modelId: string): Price | undefined {
  const { calcPrice } = genaiPrices();
  const known = calcPrice({ input_tokens: 0, output_tokens: 0 }, modelId, { providerId })?.model_price;
  const input = baseOf(known?.input_mtok);
  const output = baseOf(known?.output_mtok);
  if (input === undefined || output === undefined) return undefined;
  const cacheRead = baseOf(known?.cache_read_mtok);
  const cacheWrite = baseOf(known?.cache_write_mtok);
  return {
    input,
    output,
    ...(cacheRead !== undefined && { cacheRead }),
    ...(cacheWrite !== undefined && { cacheWrite }),
  };
}

/** Long prompts cost more with some models; the price of short ones is the base. */
function baseOf(price: unknown): number | undefined {
  const value =
    typeof price === "object" && price !== null && "base" in price ? (price.base as unknown) : price;
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}
