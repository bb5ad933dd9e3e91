import type { KeyGroup } from "../../src/core/key-group.ts";
import { html, type Markup } from "../ui/index.ts";

/** The page of a group of client keys. */
export const groupHref = (id: string): string => `/dashboard/endpoint/groups/${id}`;

/** A group's name, leading to its page. */
export const GroupLink = ({ id, name }: KeyGroup): Markup =>
  html`<a class="link" href=${groupHref(id)}>${name}</a>`;
