// Labs that come and go: packed into a link and out of it, deflated, in base64
// as addresses can have it; and all deleted.
"use strict";
async function through(stream, bytes, limit) {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const parts = [];
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    size += part.value.length;
    if (size > limit) {
      reader.cancel().catch(() => {});
      throw new Error("it holds more than " + limit / 1048576 + " MB");
    }
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
async function skylabPack(text) {
  const bytes = await through(new CompressionStream("deflate-raw"), new TextEncoder().encode(text), Infinity);
  let letters = "";
  for (let i = 0; i < bytes.length; i += 8192) letters += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(letters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
async function skylabUnpack(packed) {
  const letters = atob(packed.replace(/-/g, "+").replace(/_/g, "/"));
  const bytes = await through(new DecompressionStream("deflate-raw"), Uint8Array.from(letters, (c) => c.charCodeAt(0)), 32 * 1048576);
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}
function skylabForget(progress) {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(progress)) localStorage.removeItem(key);
  } catch (error) {} // a storage that is forbidden has nothing in it
  return new Promise((done, failed) => {
    const request = indexedDB.deleteDatabase("skylab");
    request.onsuccess = done;
    request.onerror = () => failed(request.error);
  });
}
