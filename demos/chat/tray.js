// What goes with the next question: pictures that are chosen, dropped, pasted or taken, and places pointed at.
const tray = element.querySelector(".tray");
const find = (selector) => tray.querySelector(selector);
const [added, problems, waits, says, files, shoot] = [".added", ".problems", ".waits", ".says", ".files", ".shoot"].map(find);
const buttons = [find(".attach"), find(".camera")];
let work = 0;
let held = false;

function render() {
  const value = props.value ?? {};
  if (added.dataset.html !== value.chips) {
    added.dataset.html = value.chips ?? "";
    added.innerHTML = value.chips ?? "";
  }
  if (!work && value.says != null && says.textContent !== value.says) says.textContent = value.says;
  if (value.busy) problems.replaceChildren();
}

function problem({ name, cause, remedy }) {
  const line = document.createElement("p");
  line.className = "notice error";
  const head = document.createElement("code");
  head.textContent = name;
  const away = document.createElement("button");
  away.type = "button";
  away.textContent = "×";
  away.setAttribute("aria-label", "Dismiss");
  away.addEventListener("click", () => line.remove());
  line.append(head, ` ${cause} `, remedy ? `→ ${remedy}` : "", away);
  problems.append(line);
  while (problems.children.length > 4) problems.firstElementChild.remove();
}

async function send(file) {
  // A page can be used a moment before the chat has given it its room.
  for (let tries = 0; tries < 50 && !props.value?.room; tries += 1) await new Promise((done) => setTimeout(done, 100));
  const { room, most_bytes } = props.value ?? {};
  if (!room) return problem({ name: "NotReady", cause: "The page is not ready yet.", remedy: "Try again in a moment." });
  if (most_bytes && file.size > most_bytes) {
    const limit = most_bytes.toLocaleString("en");
    return problem({ name: "ImageTooLarge", cause: `${file.name} has ${file.size.toLocaleString("en")} bytes; at most ${limit} are read.`, remedy: "Save it smaller, for example as JPEG." });
  }
  const address = `room/${encodeURIComponent(room)}/pictures`;
  const headers = { "content-type": "application/octet-stream", "x-name": encodeURIComponent(file.name ?? "") };
  try {
    const answer = await fetch(address, { method: "POST", body: file, headers });
    const said = (answer.headers.get("content-type") ?? "").includes("json") ? await answer.json() : {};
    if (said.error) problem(said.error);
    else if (!answer.ok) problem({ name: "Refused", cause: "The picture was not taken.", remedy: "Reload the page." });
  } catch {
    problem({ name: "Unreachable", cause: "The chat did not answer.", remedy: "Is it still running?" });
  }
}

async function add(list) {
  const given = [...list];
  if (!given.length) return;
  if (!work) problems.replaceChildren();
  work += 1;
  tray.classList.add("working");
  says.textContent = `Taking in ${given.length === 1 ? given[0].name : `${given.length} pictures`}.`;
  try {
    for (const file of given) await send(file);
  } finally {
    work -= 1;
    tray.classList.toggle("working", work > 0);
  }
  says.textContent = problems.children.length ? "A picture was refused." : "The picture is there. Ask about it.";
  trigger("changed");
  document.querySelector("#lavr-question textarea")?.focus();
  if (!work) release();
}

// A question must not overtake its pictures: it is sent when they are there, unless one was refused.
function hold(event) {
  const sent = event.type === "click" ? event.target.closest("#lavr-question .submit-button") : event.key === "Enter" && !event.shiftKey && event.target.closest("#lavr-question textarea");
  if (!work || !sent) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  held = true;
  waits.hidden = false;
  says.textContent = waits.textContent;
}
for (const kind of ["click", "keydown", "keypress"]) document.addEventListener(kind, hold, { capture: true });
function release() {
  waits.hidden = true;
  if (held && !problems.children.length) document.querySelector("#lavr-question .submit-button")?.click();
  held = false;
}

buttons[0].addEventListener("click", () => files.click());
files.addEventListener("change", () => {
  const chosen = [...files.files];
  files.value = "";
  add(chosen);
});
document.addEventListener("paste", (event) => {
  const pasted = [...(event.clipboardData?.files ?? [])];
  // A spreadsheet puts a picture of its cells beside their text; into a text box goes the text.
  const text = event.target.closest?.("textarea, input") && event.clipboardData.types.includes("text/plain");
  if (!pasted.length || text) return;
  event.preventDefault();
  add(pasted);
});
document.addEventListener("dragover", (event) => {
  if (![...event.dataTransfer.types].includes("Files")) return;
  event.preventDefault();
  document.body.classList.add("lavr-drop");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.body.classList.remove("lavr-drop");
});
document.addEventListener("drop", (event) => {
  document.body.classList.remove("lavr-drop");
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  add(event.dataTransfer.files);
});
added.addEventListener("click", (event) => {
  const away = event.target.closest("[data-away]");
  if (away) trigger("away", { key: away.dataset.away });
});

// The camera of the machine; where there is none, the file dialog, which offers it on a phone.
const video = find("video");
function close() {
  video.srcObject?.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
  shoot.close();
}
buttons[1].addEventListener("click", async () => {
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    files.setAttribute("capture", "environment");
    files.click();
    files.removeAttribute("capture");
    return;
  }
  shoot.showModal();
});
find(".cancel").addEventListener("click", close);
shoot.addEventListener("cancel", close);
find(".take").addEventListener("click", () => {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext("2d").drawImage(video, 0, 0);
  close();
  canvas.toBlob((blob) => blob && add([new File([blob], "photo.png", { type: "image/png" })]), "image/png");
});

watch("value", render);
render();
