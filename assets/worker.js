// The lab's worker: loads the lab's wasm, or the wider one where it is
// called wide, and passes messages on. Those that come
// before the lab is ready wait.
"use strict";
const early = [];
self.onmessage = function (event) {
  if (event.data === "ping") self.postMessage("pong"); // the page looks whether this worker is alive
  else if (self.skylabReceive) self.skylabReceive(event.data);
  else early.push(event.data);
};
// instantiate compiles while it loads, where the server names the file's type.
async function instantiate(answer, imports) {
  if (answer.headers.get("Content-Type") === "application/wasm") return WebAssembly.instantiateStreaming(answer, imports);
  return WebAssembly.instantiate(await answer.arrayBuffer(), imports);
}
// ended tells the page that there is no lab, or none any more.
function ended(why) {
  self.postMessage(JSON.stringify({ event: { ended: String(why) } }));
}
(async function () {
  importScripts("wasm_exec.js");
  const go = new Go();
  const answer = await fetch(self.name === "wide" ? "wide.wasm" : "lab.wasm");
  if (!answer.ok) throw new Error("the server answered " + answer.status + " where the lab should be");
  const { instance } = await instantiate(answer, go.importObject);
  go.run(instance).then(() => ended("its program ended"), ended);
  for (const message of early.splice(0)) self.skylabReceive(message);
})().catch((error) => ended(error.message));
