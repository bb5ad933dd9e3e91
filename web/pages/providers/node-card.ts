import type { ProviderNode } from "../../../src/core/node.ts";
import { DeclaredBadge } from "../../parts/declared-badge.ts";
import { Button, Card, Confirm, Form, html, type Markup } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { NodeFields } from "./node-form.ts";

/** Where an own endpoint lies, to be changed or removed. */
export function NodeCard(visit: Visit, node: ProviderNode, connections: number): Markup {
  const { say } = visit;
  return Card({
    id: "node",
    title: say("node.title"),
    lead: say(nodeKind(node)),
    aside: html`${DeclaredBadge(visit, "nodes", node.id)}
    ${Confirm({
      visit,
      id: "remove-node",
      action: "remove-node",
      fields: {},
      label: say("node.remove"),
      question: say("node.remove.question", { name: node.name }),
      consequence: say("node.remove.consequence", { count: connections }),
      go: say("common.remove"),
    })}`,
    children: Form({
      visit,
      action: "save-node",
      className: "space-y-4",
      children: (form) =>
        html`${NodeFields(form, node)} ${Button({ label: say("common.save"), tone: "primary" })}`,
    }),
  });
}

/** What the endpoint speaks. */
function nodeKind({ type, apiType }: Pick<ProviderNode, "type" | "apiType">) {
  if (type === "anthropic-compatible") return "node.kind.anthropic";
  return apiType === "responses" ? "node.kind.responses" : "node.kind.chat";
}
