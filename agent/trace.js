"use strict";
// Whatever stands for a region carries its handle as data-key (one) or data-keys (several): the outline in a picture,
// the quote in the answer, the line in a list. Pointing at one of them lights up all of them in the same scope.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const hint = document.getElementById("hint");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const selector = "[data-key], [data-keys]";
  let lit = null;
  let pointer = "";

  const keysOf = (node) => (node.dataset.keys ?? node.dataset.key ?? "").split(" ").filter(Boolean);
  const has = (node, keys) => keysOf(node).some((key) => keys.includes(key));

  function clear() {
    lit = null;
    hint.hidden = true;
    document.querySelectorAll(".veil").forEach((veil) => veil.remove());
    document.querySelectorAll(".dimmed").forEach((picture) => picture.classList.remove("dimmed"));
    document.querySelectorAll(".on").forEach((node) => node.classList.remove("on"));
  }

  const svg = (name, attributes, ...children) => {
    const node = document.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
    node.append(...children);
    return node;
  };

  // Dims a picture but for the shapes that are lit; a mask, so that shapes that overlap stay lit where they do.
  function veil(picture, shapes) {
    const id = `veil-${document.querySelectorAll(".veil").length}`;
    const size = { width: picture.dataset.width, height: picture.dataset.height };
    const holes = shapes.map((shape) => svg("path", { d: shape.getAttribute("d"), fill: "#000", "fill-rule": "evenodd" }));
    const mask = svg("mask", { id, maskUnits: "userSpaceOnUse", x: 0, y: 0, ...size }, svg("rect", { ...size, fill: "#fff" }), ...holes);
    picture.querySelector("use, image").after(svg("g", { class: "veil" }, mask, svg("rect", { ...size, mask: `url(#${id})` })));
    picture.classList.add("dimmed");
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
    if (source.matches(".region, text")) explain(source);
    else if (!hero.matches?.(".still")) show(scope);
  }

  // Scrolls the picture into view when the place that is lit cannot be seen; one that is `still` scrolls nothing.
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
    // When the page scrolls under a pointer that rests, what was lit stays lit.
    const place = `${event.clientX} ${event.clientY}`;
    if (lit && place === pointer) return;
    pointer = place;
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
