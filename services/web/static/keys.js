// Keys, drafts that save themselves, and nothing that a page needs: all works without this script.
"use strict";

const OFF = "tusoi-keys-off"; // kept in this browser only
const PAUSE = 1500; // milliseconds without typing after which a draft is saved
const root = document.documentElement;

const store = {
  get: () => { try { return localStorage.getItem(OFF); } catch { return null; } },
  set: (on) => { try { on ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1"); } catch { /* a private window */ } },
};

function typing(target) {
  return target.closest("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=button])");
}

function act(key) {
  const found = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((each) => !each.disabled && each.offsetParent !== null);
  if (!found) return false;
  found.matches("textarea, input, select") ? found.focus() : found.click();
  return true;
}

// J and K walk through the rows of the page's list; X picks the one that is open or focused.
function rows() { return [...document.querySelectorAll("[data-list] > li")]; }
function current() {
  const all = rows();
  const focused = all.findIndex((row) => row.contains(document.activeElement));
  return focused >= 0 ? focused : all.findIndex((row) => row.hasAttribute("aria-current"));
}
function walk(step) {
  const all = rows();
  const row = all[Math.min(Math.max(current() + step, 0), all.length - 1)];
  row?.querySelector("a")?.focus();
  return Boolean(row);
}
let picked = -1;
function pick(range) {
  const all = rows(), at = current();
  const box = all[at]?.querySelector("input[type=checkbox]");
  if (!box) return false;
  box.checked = range ? true : !box.checked;
  if (range && picked >= 0)
    for (const row of all.slice(Math.min(picked, at), Math.max(picked, at) + 1)) {
      const other = row.querySelector("input[type=checkbox]");
      if (other) other.checked = true;
    }
  picked = at;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
  if (typing(event.target) || !root.classList.contains("keys")) return;
  const key = event.key.toLowerCase();
  const dialog = document.getElementById("keys");
  if (dialog?.open) return;
  let taken = false;
  if (event.key === "?") { dialog?.showModal(); taken = true; }
  else if (key === "j") taken = walk(1);
  else if (key === "k") taken = walk(-1);
  else if (key === "x") taken = pick(event.shiftKey);
  else if (!event.shiftKey) taken = act(event.key === "Escape" ? "escape" : event.key.length > 1 ? event.key.toLowerCase() : key);
  if (taken) event.preventDefault();
}

function switchKeys(on) {
  root.classList.toggle("keys", on);
  for (const each of document.querySelectorAll("[data-keys-switch]")) each.textContent = on ? each.dataset.off : each.dataset.on;
}

function saveItself(form) {
  const told = form.querySelector("[data-saved]");
  let timer = 0;
  const save = async () => {
    told.textContent = told.dataset.saving;
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "text/plain" } });
      if (!answer.ok) throw new Error(answer.status);
      told.textContent = await answer.text();
    } catch { told.textContent = told.dataset.failed; }
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, PAUSE); });
  form.addEventListener("submit", () => clearTimeout(timer));
}

switchKeys(!store.get());
document.addEventListener("keydown", pressed);
for (const each of document.querySelectorAll("[data-keys-switch]")) {
  each.hidden = false;
  each.addEventListener("click", () => { const on = !root.classList.contains("keys"); store.set(on); switchKeys(on); });
}
for (const each of document.querySelectorAll("[data-open-keys]")) {
  each.hidden = false;
  each.addEventListener("click", () => document.getElementById("keys").showModal());
}
for (const form of document.querySelectorAll("form[data-draft]")) saveItself(form);
for (const each of document.querySelectorAll("[data-print]")) { each.hidden = false; each.addEventListener("click", () => print()); }
