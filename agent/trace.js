"use strict";
// Whatever stands for a region carries its handle as data-key (one) or data-keys (several): the outline in a picture,
// the quote in the answer, the line in a list. Pointing at one of them lights up all of them in the same scope.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const hint = document.getElementById("hint");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const selector = "[data-key], [data-keys]";
  let lit = null;

  const keysOf = (node) => (node.dataset.keys ?? node.dataset.key ?? "").split(" ").filter(Boolean);
  const has = (node, keys) => keysOf(node).some((key) => keys.includes(key));

  function clear() {
    lit = null;
    hint.hidden = true;
    document.querySelectorAll(".veil").forEach((veil) => veil.remove());
    document.querySelectorAll(".on").forEach((node) => node.classList.remove("on"));
  }

  // Dims a picture but for the shapes that are lit.
  function veil(picture, shapes) {
    const path = document.createElementNS(SVG, "path");
    const whole = `M0 0H${picture.dataset.width}V${picture.dataset.height}H0Z`;
    path.setAttribute("d", whole + shapes.map((shape) => shape.getAttribute("d")).join(""));
    path.setAttribute("class", "veil");
    picture.querySelector("use").after(path);
  }

  function light(source) {
    if (lit === source) return;
    clear();
    lit = source;
    const keys = keysOf(source);
    const scope = source.closest("[data-scope]") ?? document;
    const hero = source.closest(".run")?.querySelector(".hero") ?? scope;
    for (const area of new Set([scope, hero])) {
      area.querySelectorAll(selector).forEach((node) => node.classList.toggle("on", has(node, keys)));
      area.querySelectorAll(".figure").forEach((figure) => {
        figure.classList.toggle("on", keys.includes(figure.dataset.image));
        const shapes = [...figure.querySelectorAll(".layer:not(.off) .region.on")];
        if (shapes.length) veil(figure.querySelector(".picture"), shapes);
      });
    }
    if (!source.matches(".region, text")) show(scope);
    else explain(source);
  }

  // Scrolls the picture into view when the place that is lit cannot be seen.
  function show(scope) {
    const target = scope.querySelector(".layer:not(.off) .region.on") ?? scope.querySelector(".figure.on");
    if (!target) return;
    const box = target.getBoundingClientRect();
    if (box.top >= 0 && box.bottom <= innerHeight) return;
    target.scrollIntoView({ block: "center", behavior: still.matches ? "auto" : "smooth" });
  }

  function explain(region) {
    const { handle, label, score, text } = region.dataset;
    const head = document.createElement("b");
    head.textContent = handle || "region";
    const facts = [label, score && `score ${score}`].filter(Boolean).join(" · ");
    hint.replaceChildren(head, facts ? `  ${facts}` : "");
    if (text) {
      const quoted = document.createElement("div");
      quoted.dir = "auto";
      quoted.textContent = text;
      hint.append(quoted);
    }
    hint.hidden = false;
    const box = region.getBoundingClientRect();
    const above = box.top - hint.offsetHeight - 8;
    hint.style.left = `${Math.max(8, Math.min(box.left, innerWidth - hint.offsetWidth - 12))}px`;
    hint.style.top = `${above > 8 ? above : Math.min(box.bottom + 8, innerHeight - hint.offsetHeight - 8)}px`;
  }

  const found = (event) => (event.target instanceof Element ? event.target.closest(selector) : null);
  document.addEventListener("pointerover", (event) => {
    const node = found(event);
    if (node) light(node);
    else if (lit && !lit.contains(document.activeElement)) clear();
  });
  document.addEventListener("focusin", (event) => {
    const node = found(event);
    if (node) light(node);
  });
  document.addEventListener("focusout", clear);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") clear();
  });
  document.addEventListener("change", (event) => {
    const box = event.target;
    const picture = box.closest(".figure")?.querySelector(".picture");
    if (!picture) return;
    clear();
    if (box.hasAttribute("data-names")) picture.classList.toggle("unnamed", !box.checked);
    picture.querySelectorAll(".layer").forEach((layer) => {
      if (layer.dataset.layer === box.dataset.layer) layer.classList.toggle("off", !box.checked);
    });
  });
})();
