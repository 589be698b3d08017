// Package assets holds what stands in the site beside what is compiled: the
// style sheet, the icon, the scripts that start the wasm modules and keep them
// for use offline, and the site's own documents.
package assets

import "embed"

// FS has the files of a build, and in documents the texts.
//
//go:embed boot.js worker.js share.js style.css icon.svg documents/*.md
var FS embed.FS

// ServiceWorker is the script that keeps the site for use offline. The server
// puts before it what there is to keep.
//
//go:embed sw.js
var ServiceWorker string
