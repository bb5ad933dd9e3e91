/** A copy of a template of the page, `data-template`, with text put where `data-SLOT` says. */
export function fillIn(
  root: ParentNode,
  name: string,
  texts: { readonly [slot: string]: string } = {},
): HTMLElement {
  const template = root.querySelector<HTMLTemplateElement>(`template[data-template="${name}"]`)!;
  const copy = template.content.firstElementChild!.cloneNode(true) as HTMLElement;
  for (const [slot, text] of Object.entries(texts)) {
    const place = copy.querySelector(`[data-${slot}]`);
    if (place) place.textContent = text;
  }
  return copy;
}
