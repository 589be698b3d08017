// Starts the page: the functions that go-app's wasm calls on the window, and
// the wasm itself. The folder of this build's files stands in a meta element.
"use strict";
const assets = document.querySelector('meta[name="skylab-assets"]').content;
const environment = { SKYLAB_ASSETS: assets, GOAPP_ROOT_PREFIX: "", GOAPP_INTERNAL_URLS: "[]", GOAPP_STATIC_RESOURCES_URL: "" };
var goappNav = function () {};
var goappOnUpdate = function () {};
var goappOnAppInstallChange = function () {};
function goappGetenv(name) {
  return environment[name] || "";
}
function goappKeepBodyClean() {
  return function () {};
}

// Keys that the prompt takes for itself. The page's own handlers hear of a key
// after the browser has done with it, too late to stop it.
function keep(event) {
  const prompt = event.target;
  if (prompt.id !== "prompt") return;
  const several = prompt.value.includes("\n"), empty = prompt.value === "", selected = prompt.selectionStart !== prompt.selectionEnd;
  const ours = event.ctrlKey ? "lr".includes(event.key) || (event.key === "d" && empty) || (event.key === "c" && !selected)
    : (event.key === "Enter" && !event.shiftKey) || (event.key === "Tab" && !event.shiftKey && !empty) || (/^Arrow(Up|Down)$/.test(event.key) && !several);
  if (ours) event.preventDefault();
}
document.addEventListener("keydown", keep, true);
document.addEventListener("keypress", keep, true);

(async function () {
  const say = function (text) {
    const place = document.getElementById("loading");
    if (place) place.textContent = text;
  };
  if (typeof WebAssembly !== "object" || typeof Worker !== "function") {
    say("This browser runs no WebAssembly or no workers; Skylab needs both. Any current browser will do.");
    return;
  }
  try {
    const go = new Go();
    const answer = await fetch(assets + "ui.wasm");
    if (!answer.ok) throw new Error("the server answered " + answer.status);
    const module = await WebAssembly.instantiate(await answer.arrayBuffer(), go.importObject);
    go.run(module.instance);
  } catch (error) {
    say("The page could not be loaded (" + error.message + "). Reload it.");
  }
})();
