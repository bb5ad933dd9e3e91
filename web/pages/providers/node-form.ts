import type { ProviderNode } from "../../../src/core/node.ts";
import { badRequest } from "../../../src/core/errors.ts";
import type { FormFields } from "../../server/form-fields.ts";
import { type FormState, html, type Markup, TextField } from "../../ui/index.ts";

export const NODE_KINDS = ["chat", "responses", "anthropic"] as const;

/** Name, prefix and address of an own endpoint; for new ones and for changes. */
export function NodeFields(form: FormState, node?: ProviderNode): Markup {
  const { say } = form.visit;
  return html`
    <div class="grid grid-cols-1 gap-4 sm:grid-cols-2">
      ${TextField({
        form,
        name: "name",
        label: say("node.name"),
        placeholder: say("node.name.example"),
        value: node?.name,
        required: true,
        maxlength: 100,
      })}
      ${TextField({
        form,
        name: "prefix",
        label: say("node.prefix"),
        hint: say("node.prefix.hint"),
        value: node?.prefix,
        required: true,
        pattern: "[a-z0-9][a-z0-9_\\-]{0,31}",
        patternHint: say("node.prefix.pattern"),
        placeholder: "my-server",
        code: true,
      })}
    </div>
    ${TextField({
      form,
      name: "baseUrl",
      label: say("node.url"),
      hint: say("node.url.hint"),
      value: node?.baseUrl,
      type: "url",
      required: true,
      placeholder: "http://192.168.1.20:8000/v1",
      code: true,
    })}
    <details class="more" open=${form.value("chatPath") !== "" || form.value("modelsPath") !== ""}>
      <summary>${say("node.paths")}</summary>
      <div class="mt-3 grid grid-cols-1 gap-4 sm:grid-cols-2">
        ${TextField({
          form,
          name: "chatPath",
          label: say("node.chat-path"),
          value: node?.chatPath,
          placeholder: "/chat/completions",
          code: true,
        })}
        ${TextField({ form, name: "modelsPath", label: say("node.models-path"), value: node?.modelsPath, placeholder: "/models", code: true })}
      </div>
    </details>
  `;
}

/** The key of an own endpoint, which many need none of. */
export function NodeKeyField(form: FormState): Markup {
  const { say } = form.visit;
  return TextField({
    form,
    name: "apiKey",
    label: say("connection.key"),
    hint: say("node.key.hint"),
    type: "password",
    keep: true,
    autocomplete: "new-password",
    code: true,
  });
}

/** Type and API of the kind that was chosen. Throws `bad_request` for none of ours. */
export function kindOf(form: FormFields) {
  switch (form.text("kind")) {
    case "anthropic":
      return { type: "anthropic-compatible", apiType: "chat" } as const;
    case "responses":
      return { type: "openai-compatible", apiType: "responses" } as const;
    case "chat":
      return { type: "openai-compatible", apiType: "chat" } as const;
    default:
      throw badRequest("Choose what the endpoint speaks.", "kind");
  }
}
