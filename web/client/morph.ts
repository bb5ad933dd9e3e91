/**
 * Changes an element until it looks like another, touching only what differs: focus, scroll positions, open menus and
 * typed text stay. Children with an id keep their identity when they move.
 */
export function morph(from: Element, to: Element): void {
  copyAttributes(from, to);
  // What a script has filled by itself stays: the server knows nothing of it.
  if (!from.hasAttribute("data-own")) copyChildren(from, to);
}

/** What readers of the page change themselves, and what scripts have put there. */
const KEPT = new Set(["open", "aria-busy"]);

function copyAttributes(from: Element, to: Element): void {
  for (const { name, value } of to.attributes)
    if (!KEPT.has(name) && from.getAttribute(name) !== value) from.setAttribute(name, value);
  for (const { name } of [...from.attributes])
    if (!KEPT.has(name) && !to.hasAttribute(name)) from.removeAttribute(name);
}

function copyChildren(from: Element, to: Element): void {
  const byId = new Map([...from.children].filter(({ id }) => id !== "").map((child) => [child.id, child]));
  let place = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const found = matching(wanted, place, byId);
    if (!found) {
      const added = document.importNode(wanted, true);
      from.insertBefore(added, place);
      if (added instanceof Element && added.id !== "") added.toggleAttribute("data-arrived", true);
      continue;
    }
    if (found === place) place = place.nextSibling;
    else from.insertBefore(found, place);
    if (found instanceof Element && wanted instanceof Element) morph(found, wanted);
    else if (found.nodeValue !== wanted.nodeValue) found.nodeValue = wanted.nodeValue;
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

/** The node that is to become the wanted one: the one of the same id, else the next one of the same kind. */
function matching(
  wanted: ChildNode,
  place: ChildNode | null,
  byId: Map<string, Element>,
): ChildNode | undefined {
  const id = wanted instanceof Element ? wanted.id : "";
  if (id !== "") {
    const found = byId.get(id);
    return found?.nodeName === wanted.nodeName ? found : undefined;
  }
  if (!place || place.nodeType !== wanted.nodeType || place.nodeName !== wanted.nodeName) return undefined;
  return place instanceof Element && place.id !== "" ? undefined : place;
}
