// Starts the page: the functions that go-app's wasm calls on the window, the
// wasm itself, and what keeps the site for use offline. Where this build's files
// are stands in meta elements.
"use strict";
function meta(name) {
  const element = document.querySelector('meta[name="skylab-' + name + '"]');
  return element ? element.content : "";
}
function place(name) {
  return new URL(meta(name), document.baseURI).pathname;
}
var skylab = { root: place("root"), assets: place("assets"), update: false, accept: function () {} };
const environment = {
  SKYLAB_ASSETS: skylab.assets, SKYLAB_LESSONS: place("lessons"), SKYLAB_WIDE: meta("wide"),
  GOAPP_ROOT_PREFIX: skylab.root.slice(0, -1), GOAPP_INTERNAL_URLS: "[]", GOAPP_STATIC_RESOURCES_URL: "",
};
// What is relative to this page stays what it is when the address changes.
for (const link of document.querySelectorAll("link[href]:not([rel=stylesheet])")) link.href = link.href;
var goappNav = function () {};
var goappOnUpdate = function () {};
var goappOnAppInstallChange = function () {};
function goappGetenv(name) {
  return environment[name] || "";
}
function goappKeepBodyClean() {
  return function () {};
}

// The theme that was chosen, before anything is drawn.
try {
  document.documentElement.dataset.theme = localStorage.getItem("skylab.theme") || "";
} catch (_) {} // storage may be forbidden

// offline registers the service worker, which keeps the site, and tells the page
// of a new version when one is there. While the page is open it holds a lock by
// which the worker knows that the files of this version are still needed.
async function offline() {
  const workers = navigator.serviceWorker;
  if (!workers) return;
  navigator.locks.request("skylab " + skylab.root + " " + meta("version"), { mode: "shared" }, () => new Promise(() => {}));
  const known = await workers.register(skylab.root + "sw.js", { scope: skylab.root, updateViaCache: "none" });
  const offer = function () {
    // The first version that is kept is no news.
    if (!known.waiting || !workers.controller || skylab.update) return;
    skylab.update = true;
    skylab.accept = function () {
      workers.addEventListener("controllerchange", () => location.reload(), { once: true });
      known.waiting.postMessage("activate");
    };
    goappOnUpdate();
  };
  known.addEventListener("updatefound", () => known.installing.addEventListener("statechange", offer));
  offer();
  const look = () => known.update().catch(() => {}); // there may be no network
  setInterval(look, 3600000);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
}

// instantiate compiles while it loads, where the server names the file's type.
async function instantiate(answer, imports) {
  if (answer.headers.get("Content-Type") === "application/wasm") return WebAssembly.instantiateStreaming(answer, imports);
  return WebAssembly.instantiate(await answer.arrayBuffer(), imports);
}
async function start() {
  const say = function (text) {
    const place = document.getElementById("loading");
    if (place) place.textContent = text;
  };
  if (typeof WebAssembly !== "object" || typeof Worker !== "function") {
    say("This browser runs no WebAssembly or no workers, and Skylab needs both. Any current browser will do; the text can be read here all the same.");
    return;
  }
  try {
    const go = new Go();
    const answer = await fetch(skylab.assets + "ui.wasm");
    if (!answer.ok) throw new Error("the server answered " + answer.status + " for " + skylab.assets + "ui.wasm");
    const { instance } = await instantiate(answer, go.importObject);
    go.run(instance);
  } catch (error) {
    say("The page could not be started: " + error.message + ". Reload it; if it stays so, the site may be being changed, or its server does not send all of it. The text can be read here all the same.");
  }
}
const started = document.getElementById("loading") ? start() : Promise.resolve();
// What is for later waits until the page has what it needs now.
started.then(() => (window.requestIdleCallback || setTimeout)(() => offline().catch((error) => console.warn("Skylab is not kept for use offline: " + error.message))));
