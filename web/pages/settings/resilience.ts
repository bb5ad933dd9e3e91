import { definePage } from "../../page.ts";
import type { FormFields } from "../../server/form-fields.ts";
import { DeclaredSettings } from "../../parts/declared-badge.ts";
import {
  Button,
  Card,
  CheckField,
  Form,
  type FormState,
  Heading,
  html,
  type Markup,
  SelectField,
  TextField,
} from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";
import { settingTabs } from "./tabs.ts";

const KINDS = ["oauth", "apikey"] as const;
type Kind = (typeof KINDS)[number];

const PROFILE_NUMBERS = [
  { name: "circuitBreakerThreshold", min: 1, max: 1000 },
  { name: "circuitBreakerReset", min: 1000, max: 300_000 },
  { name: "transientCooldown", min: 0, max: 60_000 },
  { name: "rateLimitCooldown", min: 0, max: 120_000 },
  { name: "maxBackoffLevel", min: 0, max: 20 },
] as const;
const DETECTIONS = ["off", "normal", "strict"] as const;

const LIMITS = ["requestsPerMinute", "minTimeBetweenRequests", "concurrentRequests", "maxWaitMs"] as const;

/** How failures are answered, and how much a single account is asked to do. */
export const resilience = definePage({
  path: "/settings/resilience",
  title: "settings.tab.resilience",
  under: "/settings",
  load: ({ engine }) => engine.manage.resilience.view(),
  view: ({ profiles, defaults, waitForCooldown }, visit) => {
    const { say } = visit;
    return html`
      ${Heading({ title: say("settings.title"), lead: say("settings.lead") })}
      ${settingTabs(visit, "resilience")}
      ${Form({
        visit,
        action: "save",
        className: "space-y-6",
        children: (form) => html`
          <div class="grid grid-cols-1 items-start gap-6 xl:grid-cols-2">
            ${KINDS.map((kind) => ProfileCard(form, kind, profiles[kind]))} ${LimitCard(form, defaults)}
            ${WaitCard(form, waitForCooldown)}
          </div>
          ${Button({ label: say("common.save"), tone: "primary" })}
        `,
      })}
    `;
  },
  actions: {
    save: ({ engine, actor, say }, form) => {
      engine.manage.resilience.change(
        {
          profiles: Object.fromEntries(KINDS.map((kind) => [kind, profileOf(form, kind)])),
          defaults: numbersOf(form, LIMITS, (name) => name),
          waitForCooldown: {
            enabled: form.ticked("wait.enabled"),
            ...numbersOf(form, ["maxRetries", "maxRetryWaitSec"], (name) => `wait.${name}`),
          },
        },
        actor,
      );
      return say("settings.saved");
    },
  },
});

type View = ReturnType<Visit["engine"]["manage"]["resilience"]["view"]>;

function ProfileCard(form: FormState, kind: Kind, profile: View["profiles"][Kind]): Markup {
  const { say } = form.visit;
  return Card({
    title: say(`profile.${kind}`),
    lead: say(`profile.${kind}.lead`),
    aside: DeclaredSettings(form.visit, "resilienceProfiles"),
    children: html`<div class="space-y-4">
      <div class="grid grid-cols-1 gap-4 sm:grid-cols-2">
        ${PROFILE_NUMBERS.map(({ name, min, max }) =>
          TextField({
            form,
            name: `${kind}.${name}`,
            label: say(`profile.${name}`),
            hint: say(`profile.${name}.hint`),
            type: "number",
            min,
            max,
            required: true,
            value: String(profile[name]),
          }),
        )}
        ${SelectField({
          form,
          name: `${kind}.rateLimitDetection`,
          label: say("profile.rateLimitDetection"),
          hint: say("profile.rateLimitDetection.hint"),
          value: profile.rateLimitDetection,
          options: DETECTIONS.map((each) => [each, say(`detection.${each}`)]),
        })}
      </div>
      ${CheckField({
        form,
        name: `${kind}.useUpstreamRetryHints`,
        label: say("profile.hints"),
        hint: say("profile.hints.hint"),
        checked: profile.useUpstreamRetryHints,
      })}
    </div>`,
  });
}

function LimitCard(form: FormState, defaults: View["defaults"]): Markup {
  const { say } = form.visit;
  return Card({
    title: say("limits.title"),
    lead: say("limits.lead"),
    aside: DeclaredSettings(form.visit, "limitDefaults"),
    children: html`<div class="grid grid-cols-1 gap-4 sm:grid-cols-2">
      ${LIMITS.map((name) =>
        TextField({
          form,
          name,
          label: say(`limits.${name}`),
          hint: say(`limits.${name}.hint`),
          type: "number",
          min: 0,
          required: true,
          value: String(defaults[name]),
        }),
      )}
    </div>`,
  });
}

function WaitCard(form: FormState, wait: View["waitForCooldown"]): Markup {
  const { say } = form.visit;
  return Card({
    title: say("wait.title"),
    lead: say("wait.lead"),
    aside: DeclaredSettings(form.visit, "waitForCooldown"),
    children: html`<div class="space-y-4">
      ${CheckField({ form, name: "wait.enabled", label: say("wait.enabled"), checked: wait.enabled })}
      <div class="grid grid-cols-1 gap-4 sm:grid-cols-2">
        ${TextField({ form, name: "wait.maxRetries", label: say("wait.rounds"), type: "number", min: 0, max: 10, required: true, value: String(wait.maxRetries) })}
        ${TextField({ form, name: "wait.maxRetryWaitSec", label: say("wait.seconds"), type: "number", min: 0, max: 120, required: true, value: String(wait.maxRetryWaitSec) })}
      </div>
    </div>`,
  });
}

function profileOf(form: FormFields, kind: Kind): { [field: string]: unknown } {
  return {
    ...numbersOf(
      form,
      PROFILE_NUMBERS.map(({ name }) => name),
      (name) => `${kind}.${name}`,
    ),
    rateLimitDetection: form.text(`${kind}.rateLimitDetection`),
    useUpstreamRetryHints: form.ticked(`${kind}.useUpstreamRetryHints`),
  };
}

/** The fields that hold something; what is left empty stays as it is. */
function numbersOf(
  form: FormFields,
  names: readonly string[],
  field: (name: string) => string,
): { [name: string]: string } {
  const given = names.filter((name) => form.optional(field(name)) !== undefined);
  return Object.fromEntries(given.map((name) => [name, form.text(field(name))]));
}
