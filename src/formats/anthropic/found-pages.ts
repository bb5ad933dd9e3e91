import type { EncodeContext } from "../../core/format.ts";
import type { Part } from "../../core/reply.ts";
import { sha256 } from "../../lib/ids.ts";
import { ownFields, type Fields } from "./wire.ts";

/** Ids of searches that no Anthropic service made: their blocks mean nothing there and must not go back. */
export const MADE_SEARCH = "srvtoolu_omni";

/**
 * The pages that another vendor's answer rests on, as the search that Anthropic's own answer would show: to a client
 * that asked for a hosted search and looks for its results. `position`: of the text among the answer's blocks.
 */
export function foundPages(part: Part, context: EncodeContext, position: number): Fields[] {
  const pages = part.type === "text" ? part.sources : undefined;
  if (!pages || ownFields(part)["citations"] !== undefined || !asksForSearch(context)) return [];
  const id = MADE_SEARCH + sha256(`${context.id} ${position}`).slice(0, 20);
  const content = pages.map(({ url, title }) => ({
    type: "web_search_result",
    url,
    title: title ?? url,
    encrypted_content: "",
    page_age: null,
  }));
  return [
    { type: "server_tool_use", id, name: "web_search", input: { query: "" } },
    { type: "web_search_tool_result", tool_use_id: id, content },
  ];
}

const asksForSearch = ({ request }: EncodeContext): boolean =>
  request.tools?.some((tool) => tool.type === "hosted" && tool.kind === "web-search") ?? false;

/** Is this one of the blocks above, handed back by a client? */
export const isMadeSearch = ({ id, tool_use_id: answered }: Fields): boolean =>
  [id, answered].some((value) => typeof value === "string" && value.startsWith(MADE_SEARCH));
