// The pictures: one sheet each, of which one is shown; pointing at places with a pointer or with keys.
const panel = element.querySelector(".panel");
const sheets = element.querySelector(".sheets");
const tabbar = element.querySelector(".tabbar");
const boxes = element.querySelector("button.box");
const drawn = new Map();
let current = "";
let focus = "";

const SVG = "http://www.w3.org/2000/svg";
const made = (html) => {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild ?? document.createElement("div");
};

// Where the focus is in a sheet, so that it is there again when the sheet is drawn anew.
function focusIn(sheet) {
  const active = document.activeElement;
  if (!sheet.contains(active)) return "";
  if (active.matches(".canvas")) return ".canvas";
  if (active.dataset.layer) return `input[data-layer="${CSS.escape(active.dataset.layer)}"]`;
  return active.dataset.key ? `.region[data-key="${CSS.escape(active.dataset.key)}"]` : "";
}

function render() {
  const value = props.value ?? {};
  const entries = Array.isArray(value.sheets) ? value.sheets : [];
  const before = new Set(drawn.keys());
  const keys = new Set(entries.map(([key]) => key));
  for (const [key, sheet] of drawn) {
    if (!keys.has(key)) {
      sheet.node.remove();
      drawn.delete(key);
    }
  }
  for (const [key, html] of entries) {
    const known = drawn.get(key);
    if (known?.html === html) continue;
    const node = made(html);
    const switched = new Map([...(known?.node.querySelectorAll(".switch input") ?? [])].map((box) => [box.dataset.layer, box.checked]));
    const canvas = node.querySelector(".canvas");
    if (canvas) Object.assign(canvas, { tabIndex: 0, role: "group", ariaLabel: "Point at the picture: arrows move, Shift and arrows size, Enter points" });
    const focused = known && focusIn(known.node);
    if (known) known.node.replaceWith(node);
    else sheets.append(node);
    if (focused) node.querySelector(focused)?.focus({ preventScroll: true });
    node.querySelectorAll(".switch input").forEach((box) => {
      // What the visitor switched stays as it was; the evidence of a new answer is shown.
      if (box.dataset.layer !== "evidence" && switched.has(box.dataset.layer) && switched.get(box.dataset.layer) !== box.checked) {
        box.checked = !box.checked;
        box.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
    drawn.set(key, { html, node });
  }
  if (tabbar.dataset.html !== value.tabs) {
    tabbar.dataset.html = value.tabs ?? "";
    tabbar.innerHTML = value.tabs ?? "";
  }
  const fresh = entries.map(([key]) => key).filter((key) => !before.has(key));
  if (fresh.length) current = fresh[fresh.length - 1];
  if (!keys.has(current)) current = entries.length ? entries[entries.length - 1][0] : "";
  if (value.focus && value.focus !== focus && keys.has(value.focus.split(" ")[1])) current = value.focus.split(" ")[1];
  focus = value.focus ?? "";
  panel.hidden = entries.length === 0;
  element.querySelector("#hint").hidden = true;
  document.querySelector(".stage")?.classList.toggle("bare", entries.length === 0);
  show(current);
}

function show(key) {
  current = key;
  for (const [each, sheet] of drawn) sheet.node.hidden = each !== key;
  tabbar.querySelectorAll("[data-picture]").forEach((tab) => {
    const chosen = tab.dataset.picture === key;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
  });
}

// Shows the picture, and switches on the layer, in which something lies that the conversation cites.
document.addEventListener("lavr:show", ({ detail }) => {
  if (detail.picture && drawn.has(detail.picture)) {
    show(detail.picture);
    panel.scrollIntoView({ block: "nearest" });
    return;
  }
  for (const key of detail.keys ?? []) {
    const places = [...sheets.querySelectorAll("[data-key], .figure[data-image]")];
    const found = places.find((node) => node.dataset.key === key && node.matches(".region")) ?? places.find((node) => node.dataset.image === key);
    if (!found) continue;
    detail.found = true;
    show(found.closest(".sheet").dataset.picture);
    const layer = found.closest(".layer");
    if (layer?.classList.contains("off")) {
      const box = [...found.closest(".figure").querySelectorAll(".switch input")].find((each) => each.dataset.layer === layer.dataset.layer);
      if (box) box.click();
    }
    detail.source.focus({ preventScroll: true });
    detail.source.dispatchEvent(new FocusEvent("focusin", { bubbles: true }));
    const { top, bottom } = found.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) found.scrollIntoView({ block: "center" });
    break;
  }
});

tabbar.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-picture]");
  if (tab) show(tab.dataset.picture);
});
tabbar.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const all = [...tabbar.querySelectorAll("[data-picture]")];
  const at = all.indexOf(document.activeElement);
  if (!step || at < 0) return;
  const next = all[(at + step + all.length) % all.length];
  show(next.dataset.picture);
  next.focus();
});
boxes.addEventListener("click", () => {
  const pressed = boxes.getAttribute("aria-pressed") !== "true";
  boxes.setAttribute("aria-pressed", pressed);
  panel.classList.toggle("boxing", pressed);
});

// Pointing. All places are in pixels of the picture, which is what the SVG counts in.
const pictureOf = (node) => node.closest?.("svg.picture");
const keyOf = (picture) => picture.closest(".sheet").dataset.sheet;
const sizeOf = (picture) => [Number(picture.dataset.width), Number(picture.dataset.height)];
function placeOf(picture, event) {
  const [width, height] = sizeOf(picture);
  const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
  return [Math.min(Math.max(x, 0), width), Math.min(Math.max(y, 0), height)];
}
const boxOf = ([x0, y0], [x1, y1]) => [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)];
function band(picture, [left, top, right, bottom]) {
  const box = picture.querySelector(".band") ?? picture.appendChild(document.createElementNS(SVG, "rect"));
  box.setAttribute("class", "band");
  Object.entries({ x: left, y: top, width: right - left, height: bottom - top }).forEach(([name, at]) => box.setAttribute(name, at));
}
const noBand = () => sheets.querySelectorAll(".band").forEach((box) => box.remove());

let drag = null;
sheets.addEventListener("pointerdown", (event) => {
  const picture = pictureOf(event.target);
  if (!picture || event.button !== 0) return;
  const handle = event.target.closest(".region")?.dataset.handle ?? "";
  drag = { picture, handle, from: placeOf(picture, event), at: [event.clientX, event.clientY], moved: false };
});
addEventListener("pointermove", (event) => {
  if (!drag) return;
  const [x, y] = drag.at;
  if (Math.hypot(event.clientX - x, event.clientY - y) > 6) drag.moved = true;
  if (drag.moved) band(drag.picture, boxOf(drag.from, placeOf(drag.picture, event)));
});
addEventListener("pointerup", (event) => {
  if (!drag) return;
  const { picture, handle, from, moved } = drag;
  drag = null;
  noBand();
  const place = { picture: keyOf(picture) };
  if (moved) {
    const xyxy = boxOf(from, placeOf(picture, event));
    if (xyxy[2] - xyxy[0] >= 1 && xyxy[3] - xyxy[1] >= 1) trigger("point", { ...place, xyxy });
  } else if (handle && handle !== "this one") trigger("point", { ...place, handle });
  else trigger("point", { ...place, x: from[0], y: from[1] });
});
addEventListener("pointercancel", () => {
  drag = null;
  noBand();
});

// The same with keys: a small box that moves, grows and shrinks; Enter points at it.
let cursor = null;
sheets.addEventListener("keydown", (event) => {
  const canvas = event.target.closest?.(".canvas");
  const picture = canvas?.querySelector("svg.picture");
  if (!picture || event.target !== canvas) return;
  const [width, height] = sizeOf(picture);
  const unit = Math.max(1, Math.min(width, height) / 50);
  const step = { ArrowLeft: [-unit, 0], ArrowRight: [unit, 0], ArrowUp: [0, -unit], ArrowDown: [0, unit] }[event.key];
  if (cursor?.sheet !== keyOf(picture)) cursor = { sheet: keyOf(picture), x: width / 2, y: height / 2, w: 0, h: 0 };
  if (step && event.shiftKey) Object.assign(cursor, { w: Math.max(0, cursor.w + step[0]), h: Math.max(0, cursor.h + step[1]) });
  else if (step) Object.assign(cursor, { x: Math.min(Math.max(cursor.x + step[0], 0), width), y: Math.min(Math.max(cursor.y + step[1], 0), height) });
  else if (event.key === "Enter") {
    const { x, y, w, h } = cursor;
    const place = { picture: keyOf(picture) };
    trigger("point", w && h ? { ...place, xyxy: [x - w, y - h, x + w, y + h] } : { ...place, x, y });
    return;
  } else if (event.key === "Escape") {
    cursor = null;
    noBand();
    return;
  } else return;
  event.preventDefault();
  const [w, h] = [Math.max(cursor.w, unit), Math.max(cursor.h, unit)];
  band(picture, [cursor.x - w, cursor.y - h, cursor.x + w, cursor.y + h]);
});
sheets.addEventListener("focusout", noBand);

watch("value", render);
render();
