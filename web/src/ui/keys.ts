/** Whether a key press belongs to a field that somebody writes in. */
export function isTyping(event: Event): boolean {
  const target = event.target;
  return target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
}

/** Whether a key is one of the page's own: nobody writes, and nothing lies over the page. */
export function isForPage(event: KeyboardEvent): boolean {
  return !isTyping(event) && !event.ctrlKey && !event.metaKey && !event.altKey && document.querySelector("dialog[open], .palette") === null;
}
