// The lab's worker: loads the lab's wasm and passes messages on. Those that come
// before the lab is ready wait.
"use strict";
const early = [];
self.onmessage = function (event) {
  if (self.skylabReceive) self.skylabReceive(event.data);
  else early.push(event.data);
};
importScripts("wasm_exec.js");
(async function () {
  const go = new Go();
  const answer = await fetch("lab.wasm");
  if (!answer.ok) throw new Error("the server answered " + answer.status);
  const module = await WebAssembly.instantiate(await answer.arrayBuffer(), go.importObject);
  go.run(module.instance);
  for (const message of early.splice(0)) self.skylabReceive(message);
})().catch(function (error) {
  self.postMessage(JSON.stringify({ error: "The lab could not be loaded: " + error.message }));
});
