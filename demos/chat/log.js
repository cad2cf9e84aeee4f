// The conversation: pieces by key, each drawn anew only when it changed, so that what was unfolded stays unfolded.
const list = element.querySelector(".log");
const drawn = new Map();
const folds = new Map();

// On a wide screen the list scrolls, on a narrow one the page.
const scroller = () => (getComputedStyle(list).position === "absolute" ? list : document.scrollingElement);
const atEnd = (node) => node.scrollHeight - node.scrollTop - node.clientHeight < 160;

// The end of the conversation stays in view until the visitor scrolls away from it.
let following = true;
const toEnd = () => following && !list.classList.contains("fresh") && (scroller().scrollTop = scroller().scrollHeight);
const SCROLLING_KEYS = new Set(["PageUp", "PageDown", "Home", "End", "ArrowUp", "ArrowDown"]);
for (const moved of ["wheel", "touchmove", "keydown"]) {
  const look = (event) => {
    if (event.type !== "keydown" || SCROLLING_KEYS.has(event.key)) setTimeout(() => (following = atEnd(scroller())), 100);
  };
  addEventListener(moved, look, { passive: true });
}
new ResizeObserver(toEnd).observe(list.closest(".stage") ?? list);

// Where the focus is in a piece, so that it is there again when the piece is drawn anew.
const REACHABLE = "a, button, summary, [tabindex]";
function focusIn(node) {
  const active = document.activeElement;
  if (!node?.contains(active)) return null;
  const fold = active.matches("summary") && active.parentElement.dataset.fold;
  if (fold) return `[data-fold="${CSS.escape(fold)}"] > summary`;
  if (active.dataset.keys) return `[data-keys="${CSS.escape(active.dataset.keys)}"]`;
  return [...node.querySelectorAll(REACHABLE)].indexOf(active);
}
function refocus(node, place) {
  // The piece itself may be what folds.
  const within = typeof place === "string" ? node.parentElement.querySelector(place) : node.querySelectorAll(REACHABLE)[place];
  within?.focus({ preventScroll: true });
}

function made(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const node = template.content.firstElementChild ?? document.createElement("div");
  for (const fold of [node, ...node.querySelectorAll("details")]) {
    if (fold.dataset.fold && folds.has(fold.dataset.fold)) fold.open = folds.get(fold.dataset.fold);
  }
  return node;
}

function render() {
  const entries = Array.isArray(props.value) ? props.value : [];
  const grown = entries.some(([key]) => key.endsWith("-question") && !drawn.has(key));
  const keys = new Set(entries.map(([key]) => key));
  for (const [key, piece] of drawn) {
    if (!keys.has(key)) {
      piece.node.remove();
      drawn.delete(key);
    }
  }
  entries.forEach(([key, html], place) => {
    let piece = drawn.get(key);
    if (!piece || piece.html !== html) {
      const node = made(html);
      const focused = focusIn(piece?.node);
      piece?.node.replaceWith(node);
      piece = { html, node };
      drawn.set(key, piece);
      if (focused !== null) refocus(node, focused);
    }
    if (list.children[place] !== piece.node) list.insertBefore(piece.node, list.children[place] ?? null);
  });
  list.classList.toggle("fresh", entries.length > 0 && entries[0][0] === "welcome");
  following ||= grown;
  toEnd();
}

function reveal(target) {
  for (let fold = target?.closest("details"); fold; fold = fold.parentElement.closest("details")) {
    fold.open = true;
    if (fold.dataset.fold) folds.set(fold.dataset.fold, true);
  }
  following = false;
  target?.scrollIntoView({ block: "nearest" });
}

// What has no place in the panel has one in the steps: a region of an earlier question, a tool's picture, a call.
function inSteps(key) {
  const name = CSS.escape(key);
  const kinds = [`.step .region[data-key="${name}"]`, `.step tr[data-key="${name}"]`, `.step .figure[data-image="${name}"]`, `.step .call[id$="-${name}"]`];
  return kinds.map((kind) => list.querySelector(kind)).find(Boolean);
}

const tell = (detail) => document.dispatchEvent(new CustomEvent("lavr:show", { detail }));

list.addEventListener("click", (event) => {
  const on = (selector) => event.target.closest(selector);
  const summary = on("summary");
  if (summary) {
    const fold = summary.parentElement;
    if (fold.dataset.fold) folds.set(fold.dataset.fold, !fold.open);
    return;
  }
  const action = on("[data-action]")?.dataset.action;
  if (action === "again") trigger("again");
  if (action === "edit") trigger("edit");
  const card = on("[data-example]");
  if (card) trigger("example", { number: Number(card.dataset.example) });
  const thumb = on("[data-picture]");
  if (thumb) tell({ picture: thumb.dataset.picture });
  const call = on("a[href^='#t']");
  if (call) {
    event.preventDefault();
    reveal(document.getElementById(call.getAttribute("href").slice(1)));
    return;
  }
  const cited = on("[data-keys], li[data-key]");
  if (cited) {
    event.preventDefault();
    const detail = { keys: (cited.dataset.keys ?? cited.dataset.key).split(" "), source: cited, found: false };
    tell(detail);
    if (detail.found) return;
    reveal(detail.keys.map(inSteps).find(Boolean));
    cited.dispatchEvent(new FocusEvent("focusin", { bubbles: true }));
  }
});

watch("value", render);
render();
